// Kernels for the CPU.
#pragma once

#include "compiler/KernelCompiler.h"
#include "passes/cpu/CpuTarget.h"

namespace tw {

/// Makes object files.
KernelBackend cpuBackend(const CpuTarget &cpu);

} // namespace tw
