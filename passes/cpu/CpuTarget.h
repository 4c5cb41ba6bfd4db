// The CPU that kernels are compiled for.
#pragma once

#include "dialects/interfaces/PackTarget.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace tw {

struct CpuTarget : PackTarget {
  /// "native", "x86-64-v2", "x86-64-v3" or "x86-64-v4".
  std::string name;
  /// For LLVM's target machine: a micro-architecture level, and what the host
  /// has beyond it ("+avx512bf16,+avx512vnni").
  std::string llvmCpu;
  std::string llvmFeatures;
  /// Value of the function attribute "prefer-vector-width".
  std::string preferVectorWidth;
  /// What an artifact must find on the CPU that it runs on, as LLVM spells it.
  std::vector<std::string> requiredFeatures;
  bool hasFma = false;
  /// Stores under a mask cost no more than plain ones.
  bool hasCheapMasks = false;

  static llvm::Expected<CpuTarget> get(llvm::StringRef name);
  /// The names that get() takes, for messages and help.
  static constexpr llvm::StringLiteral kNames{
      "native, x86-64-v2, x86-64-v3, x86-64-v4"};
};

} // namespace tw
