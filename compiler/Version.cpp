#include "compiler/Version.h"

#include "llvm/Config/llvm-config.h"

std::string tw::compilerVersion() {
  return TILEWRIGHT_VERSION " (LLVM " LLVM_VERSION_STRING ")";
}
