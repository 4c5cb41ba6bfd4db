#include "passes/HostEmitter.h"
#include "passes/Passes.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERHOSTPROGRAM
#include "passes/Passes.h.inc"
} // namespace tw

namespace {
struct LowerHostProgramPass
    : tw::impl::LowerHostProgramBase<LowerHostProgramPass> {
  using LowerHostProgramBase::LowerHostProgramBase;

  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main)
      return;
    // Kernels are compiled apart; the host program declares them by the same
    // names.
    for (ModuleOp kernel :
         llvm::make_early_inc_range(getOperation().getOps<ModuleOp>()))
      kernel.erase();
    HostEmitter(getOperation(), main, {device, entry}).run();
    main.erase();
  }
};
} // namespace
