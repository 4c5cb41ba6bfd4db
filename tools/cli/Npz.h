// numpy's .npz files: zip archives of .npy files, stored or deflated.
#pragma once

#include "runtime/cli/Npy.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace tw::cli {

/// The names of the arrays.
llvm::Expected<std::vector<std::string>> listNpz(const std::string &path);

/// The bytes of the array of that name as a .npy file. A UserError names file
/// and array.
llvm::Error readNpz(const std::string &path, llvm::StringRef name,
                    Buffer &content);

} // namespace tw::cli
