// A kernel as a device gets it (tw_device_kernel of runtime/host.h), while it
// is still the compiler's.
#pragma once

#include "compiler/KernelCompiler.h"
#include "compiler/target/ptx/PtxTarget.h"

namespace tw {

struct DeviceKernel {
  /// The kernel's own, with the architecture's behind it, so that code for
  /// several fits into one file: the prefix of its entries and of the function
  /// that computes its grids.
  std::string name;
  std::string ptx, cubin, gridObject;
  int parts = 0, buffers = 0, ints = 0, maps = 0;

  /// One string and back, for the cache.
  std::string toBytes() const;
  static DeviceKernel fromBytes(llvm::StringRef bytes);
};

/// A kernel's name for an architecture: "k_sm_80".
std::string nameFor(llvm::StringRef kernel, llvm::StringRef architecture);

/// Makes DeviceKernel's bytes. With `ptxas`, the path of that program, the
/// kernel is assembled too.
KernelBackend ptxBackend(const PtxTarget &target, bool fastMath, bool allowTf32,
                         const std::string &ptxas);

/// NVIDIA's assembler: $TILEWRIGHT_PTXAS, or on PATH. A UserError if it is not
/// there.
llvm::Expected<std::string> findPtxas();

} // namespace tw
