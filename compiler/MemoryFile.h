// A file without a name in any folder: lives as long as this object, and has a
// path meanwhile.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tw {

class MemoryFile {
public:
  MemoryFile() = default;
  MemoryFile(MemoryFile &&other) noexcept : fd(std::exchange(other.fd, -1)) {}
  MemoryFile &operator=(MemoryFile &&other) noexcept {
    std::swap(fd, other.fd);
    return *this;
  }
  ~MemoryFile();

  /// `name` shows in /proc only.
  static llvm::Expected<MemoryFile> create(const char *name,
                                           llvm::StringRef content = {});

  int descriptor() const { return fd; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd); }

private:
  explicit MemoryFile(int fd) : fd(fd) {}
  int fd = -1;
};

/// Writes all bytes or returns the reason of the system.
std::error_code writeAll(int fd, llvm::StringRef bytes);

} // namespace tw
