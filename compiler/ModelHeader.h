// The C header that goes with a compiled model.
#pragma once

#include "compiler/Signature.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

namespace tw {

/// Writes a header with the model's names, sizes and a typed run function over
/// runtime/tilewright.h. `identifier` is the one that the artifact was linked
/// with (LinkOptions).
void writeModelHeader(const Signature &signature, llvm::StringRef identifier,
                      llvm::raw_ostream &os);

} // namespace tw
