// Object files kept on disk between compilations.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace tw {

class ObjectCache {
public:
  /// $TILEWRIGHT_CACHE ("off": none), or tilewright below the user's cache
  /// folder. Where it cannot be written, nothing is kept.
  ObjectCache();

  /// A name for what was made from `parts`.
  static std::string key(llvm::ArrayRef<llvm::StringRef> parts);

  std::optional<std::string> find(llvm::StringRef key) const;
  /// Appears complete or not at all, also with several processes at work.
  void store(llvm::StringRef key, llvm::StringRef object) const;

private:
  std::string folder;
};

} // namespace tw
