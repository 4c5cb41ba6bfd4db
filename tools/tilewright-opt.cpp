// Runs passes over .mlir files: ours and upstream's.
#include "passes/KernelPipeline.h"
#include "passes/Passes.h"
#include "tools/Dialects.h"

#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  tw::registerDialects(registry);
  mlir::registerAllPasses();
  tw::registerTilewrightPasses();
  tw::registerKernelPipeline();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Tilewright's pass driver\n", registry));
}
