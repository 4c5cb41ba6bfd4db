#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_EXPORTPARTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {
struct ExportPartsPass : tw::impl::ExportPartsBase<ExportPartsPass> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      auto threads = function->getAttrOfType<IntegerAttr>(kThreadsAttr);
      if (!threads)
        continue;
      auto count = static_cast<int32_t>(threads.getInt());
      function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                        b.getUnitAttr());
      function->setAttr(NVVM::NVVMDialect::getReqntidAttrName(),
                        b.getDenseI32ArrayAttr({count, 1, 1}));
      function->removeAttr(kThreadsAttr);
      function->removeAttr(kTeamAttr);
    }
  }
};
} // namespace
