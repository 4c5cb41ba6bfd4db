// What a compilation can be asked for. Every command-line option and Python
// keyword is one of these, by the same name.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tw {

/// What is written.
enum class Emit {
  Executable, ///< one file that runs by itself and can be loaded
  Library,    ///< .so with a typed C header beside it
  Object, ///< the object files before linking, in one relocatable archive (.a)
  Llvm,   ///< text of the host program's and the kernels' LLVM IR
  Nn,     ///< text of the graph after all graph passes
  Tile,   ///< text of the kernels before they are lowered
  Rt,     ///< text of the host program before it is lowered
  Ptx,    ///< text of the kernels for GPUs, one PTX module after the other
};

struct CompileOptions {
  /// "cpu", "ptx" (any GPU from sm_80 on), "ptx:sm_90a", or both: "cpu,ptx".
  std::string target = "cpu";
  /// native | x86-64-v2 | x86-64-v3 | x86-64-v4.
  std::string cpu = "native";
  Emit emit = Emit::Executable;
  /// Sizes for symbolic dims, by name.
  std::vector<std::pair<std::string, int64_t>> dims;
  /// auto | direct: direct forbids Winograd and other algorithms that round
  /// differently.
  std::string conv = "auto";
  /// Assemble the kernels for GPUs with NVIDIA's ptxas, which must be there,
  /// and put the result beside the PTX.
  bool embedCubin = false;
  /// Kernels for GPUs: approximate instructions for exp, log, tanh, sin, cos,
  /// square roots and division in f32; denormals there are zero.
  bool fastMath = false;
  /// Kernels for GPUs: matrix products and convolutions of f32 on tensor cores,
  /// with operands rounded to tf32 (11 significant bits) and sums in f32.
  bool allowTf32 = false;
  /// Threads that compile kernels; 0: all CPUs.
  int threads = 0;
  /// A stage's name or "all": the IR after it, as text, to `dumpDir` (a file
  /// each) or stderr where that is empty.
  std::string dumpIr;
  std::string dumpDir;
  /// Run what was fused and what it was made of, on random and on hostile
  /// inputs, and fail where they differ.
  bool checkFusions = false;
  /// Verify the IR after each pass.
  bool verifyEach = true;
  /// Told what is being done, with done and total counts where there are some
  /// (total 0: unknown).
  std::function<void(const std::string &what, size_t done, size_t total)>
      progress;
};

/// One step of a compilation.
struct StageReport {
  std::string name;
  double milliseconds = 0;
  bool changed = true;
};

struct CompileReport {
  std::vector<StageReport> stages;
  size_t kernels = 0;
  size_t cachedKernels = 0;
  /// What was fused and what was not: text.
  std::string fusion;
  /// What the artifact says about itself: JSON.
  std::string metadata;
};

} // namespace tw
