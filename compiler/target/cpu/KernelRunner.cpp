#include "compiler/target/cpu/KernelRunner.h"

#include "compiler/Errors.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdlib>
#include <cstring>

using namespace tw;

// What kernels call of runtime/cpu/Builtins.cpp, which a process need not have:
// their addresses only.
extern "C" {
void __truncsfhf2();
void __truncdfhf2();
void __truncsfbf2();
void __truncdfbf2();
void __extendhfsf2();
void __powisf2();
void __powidf2();
}

static llvm::Error defineBuiltins(llvm::orc::LLJIT &jit) {
  constexpr std::pair<llvm::StringLiteral, void (*)()> kBuiltins[] = {
      {"__truncsfhf2", __truncsfhf2},   {"__truncdfhf2", __truncdfhf2},
      {"__truncsfbf2", __truncsfbf2},   {"__truncdfbf2", __truncdfbf2},
      {"__extendhfsf2", __extendhfsf2}, {"__powisf2", __powisf2},
      {"__powidf2", __powidf2}};
  llvm::orc::SymbolMap symbols;
  for (auto [name, function] : kBuiltins)
    symbols[jit.mangleAndIntern(name)] = llvm::orc::ExecutorSymbolDef::fromPtr(
        function, llvm::JITSymbolFlags::Exported);
  return jit.getMainJITDylib().define(
      llvm::orc::absoluteSymbols(std::move(symbols)));
}

struct KernelRunner::Impl {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

KernelRunner::KernelRunner(std::unique_ptr<Impl> impl)
    : impl(std::move(impl)) {}
KernelRunner::~KernelRunner() = default;

llvm::Expected<std::unique_ptr<KernelRunner>>
KernelRunner::load(llvm::ArrayRef<char> object) {
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  if (llvm::Error error = defineBuiltins(**jit))
    return error;
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(
      llvm::StringRef(object.data(), object.size()), "kernel.o");
  if (llvm::Error error = (*jit)->addObjectFile(std::move(buffer)))
    return error;
  auto impl = std::make_unique<Impl>();
  impl->jit = std::move(*jit);
  return std::unique_ptr<KernelRunner>(new KernelRunner(std::move(impl)));
}

llvm::Error KernelRunner::grid(llvm::StringRef kernel, const tw_args &args,
                               llvm::MutableArrayRef<int64_t> numbers) {
  auto symbol = impl->jit->lookup((kernel + "_grid").str());
  if (!symbol)
    return symbol.takeError();
  symbol->toPtr<void (*)(const tw_args *, int64_t *)>()(&args, numbers.data());
  return llvm::Error::success();
}

llvm::Error KernelRunner::maps(llvm::StringRef kernel, const tw_args &args,
                               llvm::MutableArrayRef<tw_tensor_map> maps) {
  if (maps.empty())
    return llvm::Error::success();
  auto symbol = impl->jit->lookup((kernel + "_maps").str());
  if (!symbol)
    return symbol.takeError();
  symbol->toPtr<void (*)(const tw_args *, tw_tensor_map *)>()(&args,
                                                              maps.data());
  return llvm::Error::success();
}

llvm::Expected<tw_grid> KernelRunner::grid(llvm::StringRef kernel,
                                           const tw_args &args) {
  tw_grid result = {};
  llvm::MutableArrayRef numbers(reinterpret_cast<int64_t *>(&result),
                                sizeof(tw_grid) / sizeof(int64_t));
  if (llvm::Error error = grid(kernel, args, numbers))
    return std::move(error);
  return result;
}

namespace {
/// Memory that kernels take for granted to be aligned.
using Aligned = std::unique_ptr<char, decltype(&std::free)>;

llvm::Expected<Aligned> allocate(int64_t bytes) {
  size_t rounded = llvm::alignTo(bytes + 1, 64);
  Aligned memory(static_cast<char *>(std::aligned_alloc(64, rounded)),
                 &std::free);
  if (!memory)
    return userError("not enough memory for a kernel's workspace: ", bytes,
                     " bytes");
  std::memset(memory.get(), 0xFF, rounded);
  return memory;
}
} // namespace

llvm::Error KernelRunner::run(llvm::StringRef kernel,
                              llvm::ArrayRef<void *> buffers,
                              llvm::ArrayRef<int64_t> ints) {
  tw_args args{buffers.data(), ints.data()};
  auto size = grid(kernel, args);
  if (!size)
    return size.takeError();
  auto symbol = impl->jit->lookup(kernel);
  if (!symbol)
    return symbol.takeError();
  auto workspace = allocate(size->workspace_bytes),
       shared = allocate(size->shared_bytes);
  if (!workspace || !shared)
    return llvm::joinErrors(workspace.takeError(), shared.takeError());
  auto function = symbol->toPtr<tw_kernel_fn>();
  int64_t begin = 0;
  for (const tw_phase &phase :
       llvm::ArrayRef(size->phases, size->phase_count)) {
    for (int64_t block = begin + phase.blocks; block-- > begin;) {
      // A block that reads what it has not written shows as NaN.
      std::memset(workspace->get(), 0xFF,
                  std::min<int64_t>(size->workspace_bytes, 1 << 16));
      function(&args, block, block + 1, workspace->get(), shared->get());
    }
    begin += phase.blocks;
  }
  return llvm::Error::success();
}
