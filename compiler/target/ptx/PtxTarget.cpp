#include "compiler/target/ptx/PtxTarget.h"

#include "compiler/Errors.h"

using namespace tw;

llvm::Expected<PtxTarget> PtxTarget::get(llvm::StringRef name) {
  PtxTarget target;
  target.name = name.str();
  if (name == "ptx" || name == "ptx:sm_80")
    return target;
  if (name != "ptx:sm_90a")
    return userError("--target: expected one of ", kNames, ", found '", name,
                     "'");
  target.arch = "sm_90a";
  target.sharedBytes = 227 << 10;
  return target;
}
