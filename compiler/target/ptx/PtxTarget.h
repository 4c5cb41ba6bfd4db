// What device code is made for.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tw {

struct PtxTarget {
  /// As the user gave it: "ptx" or "ptx:sm_90a".
  std::string name;
  /// As LLVM and ptxas call it.
  std::string arch = "sm_80";
  /// Of the PTX language: 80 is 8.0, which drivers from CUDA 12.0 on read.
  int ptxVersion = 80;
  /// What a block may have of shared memory, after opting in.
  int64_t sharedBytes = 163 << 10;

  static constexpr llvm::StringLiteral kNames = "ptx, ptx:sm_80, ptx:sm_90a";
  static llvm::Expected<PtxTarget> get(llvm::StringRef name);
};

} // namespace tw
