// What this compiler calls itself.
#pragma once

#include <string>

namespace tw {

/// "0.1.0 (LLVM 22.1.8)".
std::string compilerVersion();

} // namespace tw
