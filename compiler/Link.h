// Links a model's object files with the runtime, inside this process and
// without anything installed: the linker is lld's library, the runtime and
// stubs of the C libraries are carried by the compiler.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tw {

enum class ArtifactKind {
  Executable,   ///< runs by itself, and can be loaded too
  SharedLibrary ///< can be loaded and linked with; has no main function
};

struct LinkOptions {
  ArtifactKind kind = ArtifactKind::Executable;
  /// A C identifier: the artifact exports `const tw_program
  /// *tw_program_<identifier>(void)`.
  std::string identifier = "model";
  /// Empty: none.
  std::string soname;
};

/// Makes a C identifier of a model's or a value's name.
std::string toIdentifier(llvm::StringRef name);

/// The ELF image of an artifact, still without its weights. One of the objects
/// defines `tw_program_data` (runtime/host.h). Objects are
/// position-independent. Safe to call from several threads; they take turns.
llvm::Expected<std::string> linkImage(llvm::ArrayRef<llvm::StringRef> objects,
                                      const LinkOptions &options);

} // namespace tw
