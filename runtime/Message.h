// Text of bounded length: messages are built without allocating, and cut when
// they are too long.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace tw {

class Message {
public:
  void clear() { text[length = 0] = '\0'; }
  bool empty() const { return length == 0; }
  const char *str() const { return text; }

  __attribute__((format(printf, 2, 3))) Message &add(const char *format, ...) {
    va_list values;
    va_start(values, format);
    int written =
        vsnprintf(text + length, sizeof text - length, format, values);
    va_end(values);
    if (written > 0)
      length += static_cast<size_t>(written) < sizeof text - length
                    ? written
                    : sizeof text - length - 1;
    return *this;
  }

  /// "[2, 3]".
  Message &addDims(int32_t rank, const int64_t *dims) {
    add("[");
    for (int32_t i = 0; i < rank; ++i)
      add("%s%ld", i ? ", " : "", static_cast<long>(dims[i]));
    return add("]");
  }

  /// Hands the text to a caller's buffer.
  void copyTo(char *buffer, size_t size) const {
    if (buffer && size > 0)
      snprintf(buffer, size, "%s", text);
  }

private:
  char text[1024] = {};
  size_t length = 0;
};

} // namespace tw
