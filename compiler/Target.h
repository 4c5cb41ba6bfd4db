// What a compilation makes code for.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace tw {

struct Target {
  bool cpu = false;
  /// The GPU architectures, the most specific first; none: no PTX. Code for one
  /// GPU only ("sm_90a") has code for all others beside it ("sm_80").
  std::vector<std::string> ptx;

  /// "cpu", "ptx", "ptx:sm_80", "ptx:sm_90a", or "cpu," before one of the
  /// others. A UserError for anything else.
  static llvm::Expected<Target> parse(llvm::StringRef text);
};

} // namespace tw
