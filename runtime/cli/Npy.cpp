#include "runtime/cli/Npy.h"

#include "runtime/Check.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace tw;

static constexpr char kMagic[] = "\x93NUMPY";
static constexpr int64_t kMagicSize = 6;

static bool fail(Message &error, const char *path, const char *reason) {
  error.add("%s: %s", path, reason);
  return false;
}

//===----------------------------------------------------------------------===//
// The header: a Python dictionary
//===----------------------------------------------------------------------===//

namespace {
class Header {
public:
  Header(const char *begin, const char *end) : at(begin), end(end) {}

  bool accept(char wanted) {
    while (at < end && (*at == ' ' || *at == '\n'))
      ++at;
    if (at == end || *at != wanted)
      return false;
    ++at;
    return true;
  }
  bool acceptWord(const char *word) {
    accept(' ');
    auto length = static_cast<int64_t>(strlen(word));
    if (end - at < length || memcmp(at, word, length) != 0)
      return false;
    at += length;
    return true;
  }
  bool quoted(char *text, int64_t size) {
    if (!accept('\''))
      return false;
    int64_t length = 0;
    for (; at < end && *at != '\'' && length < size - 1; ++at)
      text[length++] = *at;
    text[length] = '\0';
    return at < end && *at++ == '\'';
  }
  bool number(int64_t &value) {
    accept(' ');
    const char *start = at;
    for (value = 0; at < end && *at >= '0' && *at <= '9'; ++at)
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, *at - '0', &value))
        return false;
    return at > start;
  }

private:
  const char *at, *end;
};
} // namespace

static bool parseShape(Header &header, NpyArray &array) {
  if (!header.accept('('))
    return false;
  for (array.rank = 0; !header.accept(')'); ++array.rank) {
    if (array.rank == kMaxNpyRank || !header.number(array.dims[array.rank]))
      return false;
    if (header.accept(','))
      continue;
    ++array.rank;
    return header.accept(')');
  }
  return true;
}

/// Fills in descr, rank and dims. The reason why not, or NULL.
static const char *parseHeader(Header header, NpyArray &array) {
  static constexpr char malformed[] = "malformed .npy header";
  if (!header.accept('{'))
    return malformed;
  while (!header.accept('}')) {
    char key[16];
    if (!header.quoted(key, sizeof key) || !header.accept(':'))
      return malformed;
    if (strcmp(key, "descr") == 0) {
      if (!header.quoted(array.descr, sizeof array.descr))
        return header.accept('[')
                   ? "expected a plain element type, found a structured one"
                   : malformed;
    } else if (strcmp(key, "fortran_order") == 0) {
      if (header.acceptWord("True"))
        return "expected C order, found Fortran order (save "
               "numpy.ascontiguousarray of it)";
      if (!header.acceptWord("False"))
        return malformed;
    } else if (strcmp(key, "shape") != 0 || !parseShape(header, array)) {
      return malformed;
    }
    header.accept(',');
  }
  if (array.descr[0] == '>')
    return "expected little-endian data, found big-endian";
  return array.descr[0] ? nullptr : malformed;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static bool readAll(int file, char *data, int64_t size) {
  while (size > 0) {
    ssize_t got = read(file, data, size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    data += got;
    size -= got;
  }
  return true;
}

static bool loadFile(const char *path, Buffer &buffer, Message &error) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fail(error, path, strerror(errno));
  struct stat info;
  const char *reason = nullptr;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
    reason = "expected a .npy file";
  else if (!buffer.reserve(info.st_size))
    reason = "not enough memory to read it";
  else if (!readAll(file, buffer.data(), info.st_size))
    reason = "cannot be read to its end";
  close(file);
  return reason ? fail(error, path, reason) : true;
}

/// Size of one element by its descr ("<f4" is 4), or 0.
static int64_t elementSize(const NpyArray &array) {
  int64_t size = 0;
  for (const char *at = array.descr + 2; array.descr[1] && *at; ++at)
    size = *at >= '0' && *at <= '9' && size < 100 ? size * 10 + *at - '0' : 0;
  return array.descr[1] == 'U' ? 4 * size : size;
}

static bool checkSize(const char *path, const NpyArray &array, int64_t found,
                      Message &error) {
  int64_t count = elementCount(array.rank, array.dims), expected;
  if (count < 0 || __builtin_mul_overflow(count, elementSize(array), &expected))
    return fail(error, path, "the shape is larger than any file");
  if (found >= expected)
    return true;
  error.add("%s: truncated: expected %ld bytes of data, found %ld", path,
            static_cast<long>(expected), static_cast<long>(found));
  return false;
}

/// Where the header's text is in the file; the reason why not, or NULL.
static const char *locateHeader(const Buffer &file, int64_t &start,
                                int64_t &length) {
  const char *bytes = file.data();
  if (file.size() < 12 || memcmp(bytes, kMagic, kMagicSize) != 0)
    return "not a .npy file";
  int version = bytes[6];
  if (version < 1 || version > 3)
    return "unknown version of the .npy format";
  auto byteAt = [&](int i) { return int64_t(uint8_t(bytes[i])); };
  length = byteAt(8) | byteAt(9) << 8;
  if (version > 1) // its length has four bytes
    length |= byteAt(10) << 16 | byteAt(11) << 24;
  start = version > 1 ? 12 : 10;
  return length > file.size() - start ? "truncated in its header" : nullptr;
}

bool tw::readNpy(const char *path, NpyArray &array, Message &error) {
  return loadFile(path, array.file, error) && parseNpy(path, array, error);
}

bool tw::parseNpy(const char *path, NpyArray &array, Message &error) {
  int64_t start, length;
  if (const char *reason = locateHeader(array.file, start, length))
    return fail(error, path, reason);
  const char *text = array.file.data() + start;
  if (const char *reason = parseHeader(Header(text, text + length), array))
    return fail(error, path, reason);
  array.data = array.file.data() + start + length;
  return checkSize(path, array, array.file.size() - start - length, error);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// numpy's kind letter of a type, as written; 'V' is raw bytes.
static char kindOf(int32_t dtype) {
  switch (dtype) {
  case TW_FLOAT:
  case TW_FLOAT16:
  case TW_DOUBLE:
    return 'f';
  case TW_INT8:
  case TW_INT16:
  case TW_INT32:
  case TW_INT64:
  case TW_INT4:
  case TW_INT2:
    return 'i';
  case TW_UINT8:
  case TW_UINT16:
  case TW_UINT32:
  case TW_UINT64:
  case TW_UINT4:
  case TW_UINT2:
    return 'u';
  case TW_BOOL:
    return 'b';
  case TW_COMPLEX64:
  case TW_COMPLEX128:
    return 'c';
  default:
    return 'V';
  }
}

static bool isNarrowInteger(int32_t dtype) {
  return dtype == TW_INT4 || dtype == TW_UINT4 || dtype == TW_INT2 ||
         dtype == TW_UINT2;
}

bool tw::npyHolds(const NpyArray &array, int32_t dtype) {
  int64_t size = tw_dtype_size(dtype);
  if (size == 0 || elementSize(array) != size)
    return false;
  char kind = array.descr[1];
  return kind == kindOf(dtype) || (kind == 'V' && isNarrowInteger(dtype));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static void describe(const tw_tensor &tensor, Message &text) {
  int64_t size = tw_dtype_size(tensor.dtype);
  text.add("{'descr': '%c%c%ld', 'fortran_order': False, 'shape': (",
           size == 1 ? '|' : '<', kindOf(tensor.dtype),
           static_cast<long>(size));
  for (int32_t i = 0; i < tensor.rank; ++i)
    text.add("%ld,%s", static_cast<long>(tensor.dims[i]),
             i + 1 < tensor.rank ? " " : "");
  text.add("), }");
}

static bool writeHeader(FILE *file, const tw_tensor &tensor) {
  Message text;
  describe(tensor, text);
  auto textLength = static_cast<int64_t>(strlen(text.str()));
  int64_t used = kMagicSize + 4 + textLength + 1;
  int64_t padding = (64 - used % 64) % 64;
  int64_t length = textLength + padding + 1;
  const char prefix[] = {1, 0, char(length & 0xff), char(length >> 8)};
  return fwrite(kMagic, kMagicSize, 1, file) == 1 &&
         fwrite(prefix, sizeof prefix, 1, file) == 1 &&
         fprintf(file, "%s%*s\n", text.str(), static_cast<int>(padding), "") >
             0;
}

bool tw::writeNpy(const char *path, const tw_tensor &tensor, Message &error) {
  FILE *file = fopen(path, "we");
  if (!file)
    return fail(error, path, strerror(errno));
  size_t bytes = byteCount(tensor.dtype, tensor.rank, tensor.dims);
  bool good =
      writeHeader(file, tensor) && fwrite(tensor.data, 1, bytes, file) == bytes;
  int reason = good ? 0 : errno;
  if (fclose(file) != 0 && good)
    reason = errno;
  if (!reason)
    return true;
  unlink(path);
  return fail(error, path, strerror(reason));
}
