// What this compiler calls itself.
#pragma once

#include <string>

namespace tw {

/// "0.1.0 (LLVM 22.1.8)".
std::string compilerVersion();

/// Tells one build of the compiler from another: size and time of the file that
/// holds this code. Empty where the system does not say.
std::string compilerBuild();

} // namespace tw
