// Runs passes over .mlir files: ours and upstream's.
#include "dialects/check/Check.h"
#include "dialects/rt/RT.h"
#include "passes/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<tw::nn::NNDialect, tw::tile::TileDialect, tw::rt::RTDialect,
                  tw::check::CheckDialect>();
  mlir::registerAllPasses();
  tw::registerTilewrightPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Tilewright's pass driver\n", registry));
}
