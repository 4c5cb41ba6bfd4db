#include "passes/cpu/CpuTarget.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

#include <unistd.h>

using namespace tw;

/// Micro-architecture levels, the widest first.
static constexpr llvm::StringLiteral kLevels[] = {"x86-64-v4", "x86-64-v3",
                                                  "x86-64-v2"};
/// What native code may use beyond its level.
static constexpr llvm::StringLiteral kExtensions[] = {
    "avx512vnni", "avx512bf16", "avx512fp16", "avxvnni",
    "amx-tile",   "amx-bf16",   "amx-int8"};

static llvm::SmallVector<llvm::StringRef> levelFeatures(llvm::StringRef level) {
  llvm::SmallVector<llvm::StringRef> features;
  llvm::X86::getFeaturesForCPU(level, features);
  // Every x86-64 CPU has these.
  llvm::erase_if(features, [](llvm::StringRef f) {
    return llvm::is_contained({"64bit", "x87", "cmov", "mmx", "cx8", "fxsr"},
                              f);
  });
  return features;
}

static void setLevel(CpuTarget &target, llvm::StringRef level) {
  target.llvmCpu = level.str();
  for (llvm::StringRef feature : levelFeatures(level))
    target.requiredFeatures.push_back(feature.str());
  target.hasFma = level != "x86-64-v2";
  bool wide = level == "x86-64-v4";
  target.hasCheapMasks = wide;
  target.registers = wide ? 32 : 16;
  target.vectorBytes = wide ? 64 : target.hasFma ? 32 : 16;
  target.preferVectorWidth = llvm::utostr(target.vectorBytes * 8);
  target.l2Bytes = wide ? 1 << 20 : 512 << 10;
}

/// The host's features decide, never its name: virtual machines make names up.
static llvm::Error setNative(CpuTarget &target) {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  auto has = [&](llvm::StringRef feature) { return host.lookup(feature); };
  const auto *level = llvm::find_if(kLevels, [&](llvm::StringRef candidate) {
    return llvm::all_of(levelFeatures(candidate), has);
  });
  if (level == std::end(kLevels))
    return llvm::createStringError(
        "--cpu=native: this CPU has not all features of x86-64-v2 (SSE4.2), "
        "the least that is compiled for");
  setLevel(target, *level);
  for (llvm::StringRef extension : kExtensions)
    if (has(extension)) {
      target.llvmFeatures += (target.llvmFeatures.empty() ? "+" : ",+");
      target.llvmFeatures += extension;
      target.requiredFeatures.push_back(extension.str());
    }
  return llvm::Error::success();
}

/// Sizes as the kernel reports them; 0 or -1 where it does not know.
static void setHostCaches(CpuTarget &target) {
  if (int64_t bytes = sysconf(_SC_LEVEL1_DCACHE_SIZE); bytes > 0)
    target.l1Bytes = bytes;
  if (int64_t bytes = sysconf(_SC_LEVEL2_CACHE_SIZE); bytes > 0)
    target.l2Bytes = bytes;
}

llvm::Expected<CpuTarget> CpuTarget::get(llvm::StringRef name) {
  CpuTarget target;
  target.name = name.str();
  if (name == "native") {
    if (llvm::Error error = setNative(target))
      return std::move(error);
    setHostCaches(target);
    return target;
  }
  if (!llvm::is_contained(kLevels, name))
    return llvm::createStringError("--cpu: expected one of " + kNames +
                                   ", found '" + name + "'");
  setLevel(target, name);
  return target;
}
