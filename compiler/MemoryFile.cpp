#include "compiler/MemoryFile.h"

#include "compiler/Errors.h"

#include <cerrno>
#include <sys/mman.h>
#include <unistd.h>

using namespace tw;

MemoryFile::~MemoryFile() {
  if (fd >= 0)
    close(fd);
}

llvm::Expected<MemoryFile> MemoryFile::create(const char *name,
                                              llvm::StringRef content) {
  MemoryFile file(memfd_create(name, MFD_CLOEXEC));
  std::error_code error(errno, std::generic_category());
  if (file.fd >= 0)
    error = writeAll(file.fd, content);
  if (error)
    return userError("cannot make a file in memory: ", error.message());
  return file;
}

std::error_code tw::writeAll(int fd, llvm::StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return {errno, std::generic_category()};
    bytes = bytes.drop_front(written);
  }
  return {};
}
