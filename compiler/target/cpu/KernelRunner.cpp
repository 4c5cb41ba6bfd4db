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

llvm::Expected<KernelRunner::Grid> KernelRunner::grid(llvm::StringRef kernel,
                                                      const tw_args &args) {
  int64_t numbers[3] = {};
  if (llvm::Error error = grid(kernel, args, numbers))
    return std::move(error);
  return Grid{numbers[0], numbers[1], numbers[2]};
}

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
  size_t bytes = llvm::alignTo(size->workspaceBytes + 1, 64);
  std::unique_ptr<void, decltype(&std::free)> workspace(
      std::aligned_alloc(64, bytes), &std::free);
  if (!workspace)
    return userError("not enough memory for a kernel's workspace: ", bytes,
                     " bytes");
  auto function = symbol->toPtr<tw_kernel_fn>();
  for (int64_t block = size->blocks; block-- > 0;) {
    // A block that reads what it has not written shows as NaN.
    std::memset(workspace.get(), 0xFF, std::min<size_t>(bytes, 1 << 16));
    function(&args, block, block + 1, workspace.get());
  }
  return llvm::Error::success();
}
