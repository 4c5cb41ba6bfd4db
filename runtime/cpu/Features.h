// What this machine's CPU and operating system can do.
#pragma once

namespace tw {

/// Whether the CPU has the feature of this name (LLVM's spelling) and the
/// operating system keeps the registers that it needs. False for a name that
/// this runtime does not know.
bool cpuHas(const char *feature);

} // namespace tw
