#include "compiler/ObjectCache.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CachePruning.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace tw;

namespace {
/// The cache is brought back below this once it grows over it.
constexpr uint64_t kMaxBytes = uint64_t(1) << 30;
/// llvm::pruneCache deletes only files that it knows by this prefix.
constexpr llvm::StringLiteral kPrefix = "llvmcache-";
} // namespace

ObjectCache::ObjectCache() {
  llvm::SmallString<128> path;
  if (auto given = llvm::sys::Process::GetEnv("TILEWRIGHT_CACHE")) {
    if (*given == "off")
      return;
    path = *given;
  } else if (llvm::sys::path::cache_directory(path)) {
    llvm::sys::path::append(path, "tilewright");
  } else {
    return;
  }
  if (llvm::sys::fs::create_directories(path))
    return;
  folder = std::string(path);
  llvm::CachePruningPolicy policy;
  policy.MaxSizeBytes = kMaxBytes;
  llvm::pruneCache(folder, policy);
}

std::string ObjectCache::key(llvm::ArrayRef<llvm::StringRef> parts) {
  llvm::SHA256 hash;
  for (llvm::StringRef part : parts) {
    hash.update(part);
    hash.update(llvm::StringRef("\0", 1));
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

std::optional<std::string> ObjectCache::find(llvm::StringRef key) const {
  if (folder.empty())
    return std::nullopt;
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, kPrefix + key);
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return std::nullopt;
  return (*file)->getBuffer().str();
}

void ObjectCache::store(llvm::StringRef key, llvm::StringRef object) const {
  if (folder.empty())
    return;
  llvm::SmallString<128> path(folder), temporary;
  llvm::sys::path::append(path, kPrefix + key);
  int fd = -1;
  if (llvm::sys::fs::createUniqueFile(path + ".%%%%%%%%", fd, temporary))
    return;
  {
    llvm::raw_fd_ostream os(fd, /*shouldClose=*/true);
    os << object;
    if (os.has_error()) {
      os.clear_error();
      llvm::sys::fs::remove(temporary);
      return;
    }
  }
  if (llvm::sys::fs::rename(temporary, path))
    llvm::sys::fs::remove(temporary);
}
