#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_EXPORTPARTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Tensor maps are parameters themselves, not addresses of some: 128 bytes that
/// stay where the driver puts them.
void setUpMaps(LLVM::LLVMFuncOp function) {
  OpBuilder b(function.getContext());
  auto bytes = LLVM::LLVMArrayType::get(b.getI64Type(), 16);
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    if (!function.getArgAttr(i, kTensorMapAttr))
      continue;
    function.removeArgAttr(i, kTensorMapAttr);
    function.setArgAttr(i, LLVM::LLVMDialect::getByValAttrName(),
                        TypeAttr::get(bytes));
    function.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(),
                        b.getI64IntegerAttr(64));
    function.setArgAttr(i, NVVM::NVVMDialect::getGridConstantAttrName(),
                        b.getUnitAttr());
  }
}

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
      setUpMaps(function);
      // Registers change hands only where a core's are all spoken for.
      if (function
              .walk([](NVVM::SetMaxRegisterOp) {
                return WalkResult::interrupt();
              })
              .wasInterrupted())
        function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                          b.getI32IntegerAttr(1));
      function->removeAttr(kThreadsAttr);
      function->removeAttr(kTeamAttr);
    }
  }
};
} // namespace
