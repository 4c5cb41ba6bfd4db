#include "compiler/DeviceKernel.h"

#include "compiler/Errors.h"
#include "compiler/target/ptx/PtxCodegen.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace tw;
using namespace mlir;

//===----------------------------------------------------------------------===//
// As bytes: numbers in decimal, then the texts.
//===----------------------------------------------------------------------===//

std::string DeviceKernel::toBytes() const {
  return llvm::formatv("{0} {1} {2} {3} {4} {5} {6} {7}\n{8}{9}{10}{11}", parts,
                       buffers, ints, maps, name.size(), ptx.size(),
                       cubin.size(), gridObject.size(), name, ptx, cubin,
                       gridObject);
}

DeviceKernel DeviceKernel::fromBytes(llvm::StringRef bytes) {
  DeviceKernel kernel;
  auto [numbers, rest] = bytes.split('\n');
  auto next = [&numbers = numbers] {
    int64_t value = 0;
    numbers.consumeInteger(10, value);
    numbers = numbers.ltrim();
    return value;
  };
  kernel.parts = next(), kernel.buffers = next(), kernel.ints = next();
  kernel.maps = next();
  for (std::string *text :
       {&kernel.name, &kernel.ptx, &kernel.cubin, &kernel.gridObject}) {
    size_t size = next();
    *text = rest.take_front(size).str();
    rest = rest.drop_front(text->size());
  }
  return kernel;
}

std::string tw::nameFor(llvm::StringRef kernel, llvm::StringRef architecture) {
  return (kernel + "_" + architecture).str();
}

//===----------------------------------------------------------------------===//
// ptxas
//===----------------------------------------------------------------------===//

llvm::Expected<std::string> tw::findPtxas() {
  if (auto given = llvm::sys::Process::GetEnv("TILEWRIGHT_PTXAS")) {
    if (llvm::sys::fs::can_execute(*given))
      return *given;
    return userError("TILEWRIGHT_PTXAS: expected NVIDIA's ptxas, found '",
                     *given, "', which cannot be run");
  }
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  return userError("embed-cubin: expected NVIDIA's assembler ptxas on PATH or "
                   "in TILEWRIGHT_PTXAS, found none (PyPI's nvidia-cuda-nvcc "
                   "has it)");
}

namespace {
/// A file of its own for ptxas, gone with this object.
class TemporaryFile {
public:
  explicit TemporaryFile(llvm::StringRef suffix) {
    llvm::SmallString<128> made;
    if (!llvm::sys::fs::createTemporaryFile("tilewright", suffix, made))
      path = made.str().str();
  }
  ~TemporaryFile() {
    if (!path.empty())
      llvm::sys::fs::remove(path);
  }

  std::string read() const {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }

  std::string path;
};

llvm::Error assemble(const std::string &ptxas, llvm::StringRef architecture,
                     DeviceKernel &kernel) {
  TemporaryFile source("ptx"), assembled("cubin"), log("log");
  std::error_code error;
  llvm::raw_fd_ostream(source.path, error) << kernel.ptx;
  if (error)
    return userError("cannot write '", source.path, "': ", error.message());
  std::string arch = ("-arch=" + architecture).str();
  std::optional<llvm::StringRef> redirects[] = {
      std::nullopt, llvm::StringRef(log.path), llvm::StringRef(log.path)};
  int status = llvm::sys::ExecuteAndWait(
      ptxas, {ptxas, arch, "-O3", "-o", assembled.path, source.path},
      std::nullopt, redirects);
  if (status != 0)
    return compilerBug("ptxas refuses kernel ", kernel.name, ":\n", log.read());
  kernel.cubin = assembled.read();
  return llvm::Error::success();
}

/// The kernel's function gets the architecture's name too; nobody calls it.
std::string rename(ModuleOp module, llvm::StringRef architecture) {
  std::string name;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr("tile.kernel")) {
      name = nameFor(function.getName(), architecture);
      function.setName(name);
    }
  return name;
}
} // namespace

KernelBackend tw::ptxBackend(const PtxTarget &target, bool fastMath,
                             bool allowTf32, const std::string &ptxas) {
  KernelBackend backend;
  backend.name = "kernels-" + target.arch;
  backend.key = {target.name,
                 target.arch,
                 std::to_string(target.ptxVersion),
                 std::to_string(target.sharedBytes),
                 ptxas,
                 fastMath ? "fast-math" : "",
                 allowTf32 ? "allow-tf32" : ""};
  backend.compile = [=](ModuleOp module,
                        const DumpKernel &dump) -> llvm::Expected<std::string> {
    DeviceKernel kernel;
    kernel.name = rename(module, target.arch);
    PtxOptions options;
    options.target = target;
    options.dump = dump;
    options.fastMath = fastMath;
    options.allowTf32 = allowTf32;
    auto compiled = compileKernelForPtx(module, options);
    if (!compiled)
      return compiled.takeError();
    kernel.ptx = std::move(compiled->ptx);
    kernel.gridObject = std::move(compiled->gridObject);
    kernel.parts = compiled->parts;
    kernel.buffers = compiled->buffers;
    kernel.ints = compiled->ints;
    kernel.maps = compiled->maps;
    if (!ptxas.empty())
      if (llvm::Error error = assemble(ptxas, target.arch, kernel))
        return error;
    return kernel.toBytes();
  };
  return backend;
}
