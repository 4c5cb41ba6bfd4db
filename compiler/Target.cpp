#include "compiler/Target.h"

#include "compiler/Errors.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tw;
using llvm::StringRef;

/// Adds one part of the text. False if it is unknown or comes a second time.
static bool addPart(Target &target, StringRef part) {
  if (part == "cpu")
    return !std::exchange(target.cpu, true);
  if (!target.ptx.empty())
    return false;
  target.ptx = llvm::StringSwitch<std::vector<std::string>>(part)
                   .Cases({"ptx", "ptx:sm_80"}, {"sm_80"})
                   .Case("ptx:sm_90a", {"sm_90a", "sm_80"})
                   .Default({});
  return !target.ptx.empty();
}

llvm::Expected<Target> Target::parse(StringRef text) {
  Target target;
  llvm::SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts)
    if (!addPart(target, part))
      return userError("target: expected 'cpu', 'ptx', 'ptx:sm_80', "
                       "'ptx:sm_90a', or both as in 'cpu,ptx', found '",
                       text, "'");
  return target;
}
