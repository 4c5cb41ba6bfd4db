#include "compiler/Version.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Chrono.h"
#include "llvm/Support/FileSystem.h"

#include <dlfcn.h>

std::string tw::compilerVersion() {
  return TILEWRIGHT_VERSION " (LLVM " LLVM_VERSION_STRING ")";
}

std::string tw::compilerBuild() {
  Dl_info info;
  llvm::sys::fs::file_status status;
  if (!dladdr(reinterpret_cast<void *>(&compilerBuild), &info) ||
      llvm::sys::fs::status(info.dli_fname, status))
    return {};
  auto time = status.getLastModificationTime().time_since_epoch().count();
  return std::to_string(status.getSize()) + "@" + std::to_string(time);
}
