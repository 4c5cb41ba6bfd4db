#include "compiler/target/cpu/Backend.h"

#include "compiler/target/cpu/Codegen.h"

using namespace tw;

KernelBackend tw::cpuBackend(const CpuTarget &cpu) {
  KernelBackend backend;
  backend.name = "kernels";
  backend.key = {cpu.llvmCpu, cpu.llvmFeatures, cpu.preferVectorWidth};
  backend.compile =
      [cpu](mlir::ModuleOp kernel,
            const DumpKernel &dump) -> llvm::Expected<std::string> {
    CodegenOptions options;
    options.target = cpu;
    options.dump = dump;
    auto compiled = compileKernel(kernel, options);
    if (!compiled)
      return compiled.takeError();
    return std::string(compiled->object.begin(), compiled->object.end());
  };
  return backend;
}
