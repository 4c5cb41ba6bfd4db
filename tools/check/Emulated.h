// Runs a kernel's PTX on the emulator.
#pragma once

#include "compiler/target/ptx/PtxCodegen.h"

#include "llvm/ADT/ArrayRef.h"

namespace tw {

/// Launches all parts of the kernel `name` and fills `results`, whose sizes are
/// set. Any finding is an error, a write outside of a buffer too. Inputs start
/// `inputOffset` bytes after a multiple of 256. `counters` receives the
/// emulator's counters as JSON.
llvm::Error runOnEmulator(const PtxKernel &kernel, llvm::StringRef name,
                          llvm::ArrayRef<std::vector<char>> inputs,
                          llvm::ArrayRef<int64_t> ints,
                          llvm::MutableArrayRef<std::vector<char>> results,
                          int64_t inputOffset, std::string &counters);

} // namespace tw
