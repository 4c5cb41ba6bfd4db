// Bytes that outlive the reading of a model: a file mapped read-only, or memory
// that we own.
#pragma once

#include "compiler/import/wire/Result.h"

#include <memory>
#include <string>
#include <string_view>

namespace tw::wire {

class Buffer {
public:
  /// Maps a regular file. Where `folder` is given, the file must lie inside it
  /// after following every symbolic link.
  static Result<std::shared_ptr<const Buffer>>
  map(const std::string &path, const std::string &folder = "");
  static std::shared_ptr<const Buffer> own(std::string contents);

  ~Buffer();
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  std::string_view bytes() const { return view; }
  /// Empty for owned memory.
  const std::string &path() const { return file; }

private:
  Buffer() = default;

  std::string_view view;
  std::string file;
  std::string owned;
  void *mapping = nullptr;
};

} // namespace tw::wire
