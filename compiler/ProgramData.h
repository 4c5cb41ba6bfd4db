// The tw_program of runtime/host.h, as the compiler emits it.
#pragma once

#include "compiler/Signature.h"

#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class Module;
}

namespace tw {

/// tw_device_kernel; the function that computes its grids is NAME_grid, the one
/// that describes its tensor maps NAME_maps.
struct DeviceKernelData {
  std::string name, ptx, cubin;
  int parts = 0, buffers = 0, ints = 0, maps = 0;
};

/// tw_device_target.
struct DeviceTargetData {
  /// "sm_80"; with a letter behind the number it is for that GPU only.
  std::string architecture;
  std::vector<DeviceKernelData> kernels;
};

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
  /// For a program whose kernels run on a device.
  std::vector<DeviceTargetData> devices;
};

/// Adds `tw_program_data` and all that it points to: the first of the programs,
/// which has the others as its alternatives. They are of one model: signature
/// and metadata are the first's.
void addProgramData(llvm::Module &module, llvm::ArrayRef<ProgramData> programs);

} // namespace tw
