#include "compiler/import/wire/Buffer.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tw::wire {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
};

/// Where an open descriptor really lies, whatever links led to it.
std::string realPathOf(int fd) {
  std::string link = "/proc/self/fd/" + std::to_string(fd);
  char target[PATH_MAX];
  ssize_t length = ::readlink(link.c_str(), target, sizeof target);
  return length < 0 ? "" : std::string(target, static_cast<size_t>(length));
}

bool liesInside(int fd, const std::string &folder) {
  char *real = ::realpath(folder.c_str(), nullptr);
  if (!real)
    return false;
  std::string prefix = real;
  std::free(real);
  if (prefix.back() != '/')
    prefix += '/';
  return realPathOf(fd).starts_with(prefix);
}

} // namespace

Result<std::shared_ptr<const Buffer>> Buffer::map(const std::string &path,
                                                  const std::string &folder) {
  // Without O_NONBLOCK opening a named pipe would wait for a writer.
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0)
    return fail("cannot open the file: ", std::strerror(errno));
  if (!folder.empty() && !liesInside(file.fd, folder))
    return fail("a symbolic link leads out of the model's folder");
  struct stat status;
  if (::fstat(file.fd, &status) != 0)
    return fail("cannot read the file: ", std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return fail("expected a regular file, found ",
                S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe");

  std::shared_ptr<Buffer> buffer(new Buffer);
  buffer->file = path;
  if (status.st_size == 0)
    return std::shared_ptr<const Buffer>(buffer);
  size_t size = static_cast<size_t>(status.st_size);
  void *mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (mapping == MAP_FAILED)
    return fail("cannot map the file: ", std::strerror(errno));
  buffer->mapping = mapping;
  buffer->view = {static_cast<const char *>(mapping), size};
  return std::shared_ptr<const Buffer>(buffer);
}

std::shared_ptr<const Buffer> Buffer::own(std::string contents) {
  std::shared_ptr<Buffer> buffer(new Buffer);
  buffer->owned = std::move(contents);
  buffer->view = buffer->owned;
  return buffer;
}

Buffer::~Buffer() {
  if (mapping)
    ::munmap(mapping, view.size());
}

} // namespace tw::wire
