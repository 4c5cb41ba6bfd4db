// The tw_program of runtime/host.h, as the compiler emits it.
#pragma once

#include "compiler/Signature.h"

namespace llvm {
class Module;
}

namespace tw {

struct ProgramData {
  Signature signature;
  /// A JSON object.
  std::string metadata;
  /// CPU features that the kernels need, in LLVM's spelling.
  std::vector<std::string> features;
  /// Names that the launches' node numbers index.
  std::vector<std::string> nodes;
  /// From layoutWeights.
  int64_t weightsSize = 0;
  /// Function of the module that is the host program.
  std::string entry = "tw_main";
};

/// Adds `tw_program_data` and all that it points to.
void addProgramData(llvm::Module &module, const ProgramData &program);

} // namespace tw
