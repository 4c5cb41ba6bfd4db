// Compiles each function of an .mlir file as one kernel, through the real
// pipeline, runs it and checks its check.expect_close ops.
#include "compiler/target/cpu/Codegen.h"
#include "compiler/target/cpu/KernelRunner.h"
#include "compiler/target/ptx/PtxCodegen.h"
#include "tools/Dialects.h"
#include "tools/check/Elements.h"
#include "tools/check/Emulated.h"
#include "tools/check/Kernelize.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

#include <cstdlib>
#include <cstring>

using namespace tw;

static llvm::cl::opt<std::string> input(llvm::cl::Positional,
                                        llvm::cl::desc("<file.mlir>"),
                                        llvm::cl::init("-"));
static llvm::cl::opt<std::string>
    cpu("cpu", llvm::cl::desc("native, x86-64-v2, x86-64-v3 or x86-64-v4"),
        llvm::cl::init("native"));
static llvm::cl::opt<bool>
    staticOnly("static-only",
               llvm::cl::desc("do not also compile for sizes known at run time "
                              "only"));
static llvm::cl::opt<std::string>
    only("function", llvm::cl::desc("check this function only"));
static llvm::cl::opt<std::string>
    target("target",
           llvm::cl::desc("cpu, or ptx or ptx:sm_90a, run on the emulator"),
           llvm::cl::init("cpu"));
static llvm::cl::opt<bool>
    fastMath("fast-math", llvm::cl::desc("approximate instructions for PTX"));
static llvm::cl::opt<bool>
    allowTf32("allow-tf32",
              llvm::cl::desc("products of f32 on tensor cores of PTX"));
static llvm::cl::opt<bool>
    printsPtx("print-ptx", llvm::cl::desc("print the PTX and run nothing"));
static llvm::cl::opt<bool>
    printsCounters("counters",
                   llvm::cl::desc("print the emulator's counters as JSON"));
static llvm::cl::opt<int64_t>
    inputOffset("input-offset",
                llvm::cl::desc("bytes from aligned addresses of a device to "
                               "where inputs start"));
static llvm::cl::opt<std::string>
    dumpStage("dump-ir", llvm::cl::desc("print the IR after this stage ('all' "
                                        "for every one)"));

namespace {
/// Bytes around results that a kernel must leave alone.
constexpr size_t kGuard = 256;
constexpr char kGuardByte = 0x5A;

/// A result's memory between two guards.
class GuardedBuffer {
public:
  explicit GuardedBuffer(size_t size)
      : size(size), memory(static_cast<char *>(std::aligned_alloc(
                        64, llvm::alignTo(size, 64) + 2 * kGuard))) {
    std::memset(memory, kGuardByte, llvm::alignTo(size, 64) + 2 * kGuard);
    std::memset(data(), 0xFF, size);
  }
  GuardedBuffer(GuardedBuffer &&other)
      : size(other.size), memory(std::exchange(other.memory, nullptr)) {}
  ~GuardedBuffer() { std::free(memory); }

  char *data() { return memory + kGuard; }
  ArrayRef<char> bytes() { return {data(), size}; }
  bool isIntact() {
    auto guard = [&](char *at) {
      return std::all_of(at, at + kGuard,
                         [](char c) { return c == kGuardByte; });
    };
    return guard(memory) && guard(data() + size);
  }

private:
  size_t size;
  char *memory;
};

void dump(llvm::StringRef stage, llvm::StringRef text) {
  if (dumpStage == "all" || dumpStage == stage)
    llvm::errs() << "// ---- after " << stage << "\n" << text << "\n";
}

CodegenOptions codegenOptions(CpuTarget target) {
  CodegenOptions options;
  options.target = std::move(target);
  options.verifyEach = true;
  if (!dumpStage.empty())
    options.dump = dump;
  return options;
}

size_t resultBytes(check::ExpectCloseOp op) {
  auto type = cast<ShapedType>(op.getExpected().getType());
  return type.getNumElements() * elementBytes(type.getElementType());
}

llvm::Error execute(KernelTest &test, ArrayRef<char> object,
                    std::vector<GuardedBuffer> &results) {
  auto runner = KernelRunner::load(object);
  if (!runner)
    return runner.takeError();
  std::vector<GuardedBuffer> inputs;
  std::vector<void *> buffers;
  for (DenseElementsAttr elements : test.inputs) {
    std::vector<char> bytes = toBytes(elements);
    inputs.emplace_back(bytes.size());
    std::memcpy(inputs.back().data(), bytes.data(), bytes.size());
    buffers.push_back(inputs.back().data());
  }
  for (check::ExpectCloseOp op : test.expectations) {
    results.emplace_back(resultBytes(op));
    buffers.push_back(results.back().data());
  }
  return (*runner)->run(test.name, buffers, test.ints);
}

LogicalResult check(KernelTest &test, func::FuncOp function,
                    const CodegenOptions &options) {
  auto kernel = compileKernel(*test.module, options);
  std::vector<GuardedBuffer> results;
  llvm::Error error =
      kernel ? execute(test, kernel->object, results) : kernel.takeError();
  if (error)
    return function.emitError(llvm::toString(std::move(error)));
  bool passed = true;
  for (auto [op, result] : llvm::zip_equal(test.expectations, results)) {
    passed &= succeeded(compare(op, result.bytes()));
    if (!result.isIntact()) {
      op.emitError("the kernel wrote outside of its result");
      passed = false;
    }
  }
  return success(passed);
}

/// Compiles for PTX and runs on the emulator, or prints.
LogicalResult checkPtx(KernelTest &test, func::FuncOp function,
                       const PtxTarget &device) {
  PtxOptions options{device, /*verifyEach=*/true, fastMath, allowTf32, {}};
  if (!dumpStage.empty())
    options.dump = dump;
  auto kernel = compileKernelForPtx(*test.module, options);
  if (!kernel)
    return function.emitError(llvm::toString(kernel.takeError()));
  if (printsPtx) {
    llvm::outs() << "// ---- " << test.name << ": " << kernel->parts
                 << " parts, " << kernel->buffers << " buffers, "
                 << kernel->ints << " ints\n"
                 << kernel->ptx;
    return success();
  }
  std::vector<std::vector<char>> inputs, results;
  for (DenseElementsAttr elements : test.inputs)
    inputs.push_back(toBytes(elements));
  for (check::ExpectCloseOp op : test.expectations)
    results.emplace_back(resultBytes(op));
  std::string counters;
  if (llvm::Error error = runOnEmulator(*kernel, test.name, inputs, test.ints,
                                        results, inputOffset, counters))
    return function.emitError(llvm::toString(std::move(error)));
  if (printsCounters)
    llvm::outs() << counters << "\n";
  bool passed = true;
  for (auto [op, result] : llvm::zip_equal(test.expectations, results))
    passed &= succeeded(compare(op, result));
  return success(passed);
}

using Action = llvm::function_ref<LogicalResult(KernelTest &, func::FuncOp)>;

LogicalResult checkFunction(func::FuncOp function, Action action) {
  for (bool isDynamic : {false, true}) {
    if (isDynamic && staticOnly)
      break;
    FailureOr<KernelTest> test = kernelize(function, isDynamic);
    if (failed(test))
      return isDynamic ? success() : failure();
    if (failed(action(*test, function))) {
      function.emitRemark() << "with sizes known "
                            << (isDynamic ? "at run time" : "while compiling");
      return failure();
    }
  }
  return success();
}

int run(MLIRContext &context) {
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler diagnostics(sources, &context);
  auto module = parseSourceFile<ModuleOp>(input, sources, &context);
  if (!module)
    return 1;
  auto host = CpuTarget::get(cpu);
  if (!host) {
    llvm::WithColor::error() << llvm::toString(host.takeError()) << "\n";
    return 1;
  }
  bool onCpu = target == "cpu";
  auto device = PtxTarget::get(onCpu ? "ptx" : target.getValue());
  if (!device) {
    llvm::WithColor::error() << llvm::toString(device.takeError()) << "\n";
    return 1;
  }
  CodegenOptions options = codegenOptions(std::move(*host));
  auto action = [&](KernelTest &test, func::FuncOp function) -> LogicalResult {
    return onCpu ? check(test, function, options)
                 : checkPtx(test, function, *device);
  };
  int checked = 0, failures = 0;
  for (auto function : module->getOps<func::FuncOp>()) {
    bool isTest = !function.getOps<check::ExpectCloseOp>().empty();
    if (!isTest || (!only.empty() && function.getName() != only))
      continue;
    ++checked;
    failures += failed(checkFunction(function, action));
  }
  (printsPtx ? llvm::errs() : llvm::outs())
      << checked - failures << " of " << checked << " functions passed\n";
  return failures || !checked ? 1 : 0;
}
} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::ParseCommandLineOptions(argc, argv,
                                    "Runs the numbers of an .mlir test\n");
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  return run(context);
}
