// Runs compiled kernels inside this process, block by block: for tests and for
// folding constants.
#pragma once

#include "runtime/host.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace tw {

class KernelRunner {
public:
  /// Loads a relocatable object file. The host's CPU must have what it was
  /// compiled for.
  static llvm::Expected<std::unique_ptr<KernelRunner>>
  load(llvm::ArrayRef<char> object);
  ~KernelRunner();

  llvm::Expected<tw_grid> grid(llvm::StringRef kernel, const tw_args &args);
  /// The same for an object with another number of them.
  llvm::Error grid(llvm::StringRef kernel, const tw_args &args,
                   llvm::MutableArrayRef<int64_t> numbers);

  /// What NAME_maps writes for a device kernel.
  llvm::Error maps(llvm::StringRef kernel, const tw_args &args,
                   llvm::MutableArrayRef<tw_tensor_map> maps);

  /// Runs all blocks on the calling thread, the last one first: blocks may not
  /// depend on each other.
  llvm::Error run(llvm::StringRef kernel, llvm::ArrayRef<void *> buffers,
                  llvm::ArrayRef<int64_t> ints);

private:
  struct Impl;
  explicit KernelRunner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace tw
