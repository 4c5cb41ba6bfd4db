#include "passes/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_EXPORTKERNELS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Writes the functions that the host program calls.
class Exporter {
public:
  Exporter(LLVM::LLVMFuncOp kernel, LLVM::LLVMFuncOp grid)
      : kernel(kernel), grid(grid), b(kernel.getContext()),
        loc(kernel.getLoc()),
        pointer(LLVM::LLVMPointerType::get(kernel.getContext())) {}

  void run() {
    std::string name = kernel.getName().str(), gridName = grid.getName().str();
    for (LLVM::LLVMFuncOp function : {kernel, grid}) {
      function.setName((function.getName() + "_body").str());
      function.setLinkage(LLVM::Linkage::Internal);
    }
    exportKernel(name);
    exportGrid(gridName);
  }

private:
  /// void NAME(const tw_args *args, int64_t begin, int64_t end, void
  /// *workspace)
  void exportKernel(StringRef name) {
    Type i64 = b.getI64Type();
    Block *entry = begin(name, {pointer, i64, i64, pointer});
    ArrayRef<Type> types = kernel.getFunctionType().getParams();
    SmallVector<Value> operands = load(entry, types.drop_back(3));
    for (unsigned i = 1; i < 4; ++i)
      operands.push_back(entry->getArgument(i));
    LLVM::CallOp::create(b, loc, kernel, operands);
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  /// void NAME_grid(const tw_args *args, int64_t out[3])
  void exportGrid(StringRef name) {
    Block *entry = begin(name, {pointer, pointer});
    SmallVector<Value> operands =
        load(entry, grid.getFunctionType().getParams());
    Value result = LLVM::CallOp::create(b, loc, grid, operands).getResult();
    for (int32_t i = 0; i < 3; ++i) {
      Value number = LLVM::ExtractValueOp::create(b, loc, result, i);
      Value at =
          LLVM::GEPOp::create(b, loc, pointer, b.getI64Type(),
                              entry->getArgument(1), ArrayRef<LLVM::GEPArg>{i});
      LLVM::StoreOp::create(b, loc, number, at);
    }
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  Block *begin(StringRef name, ArrayRef<Type> arguments) {
    b.setInsertionPointToEnd(kernel->getParentOfType<ModuleOp>().getBody());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(b.getContext()), arguments);
    auto function = LLVM::LLVMFuncOp::create(b, loc, name, type);
    Block *entry = function.addEntryBlock(b);
    b.setInsertionPointToStart(entry);
    return entry;
  }

  /// Values of `types` from tw_args: pointers first, then numbers as 64 bits.
  SmallVector<Value> load(Block *entry, ArrayRef<Type> types) {
    auto structType =
        LLVM::LLVMStructType::getLiteral(b.getContext(), {pointer, pointer});
    Value args =
        LLVM::LoadOp::create(b, loc, structType, entry->getArgument(0));
    Value buffers = LLVM::ExtractValueOp::create(b, loc, args, 0);
    Value ints = LLVM::ExtractValueOp::create(b, loc, args, 1);
    SmallVector<Value> values;
    int32_t buffer = 0, number = 0;
    for (Type type : types)
      values.push_back(
          type == pointer
              ? element(buffers, pointer, buffer++)
              : fromBits(element(ints, b.getI64Type(), number++), type));
    return values;
  }

  Value element(Value array, Type type, int32_t index) {
    Value at = LLVM::GEPOp::create(b, loc, pointer, type, array,
                                   ArrayRef<LLVM::GEPArg>{index});
    return LLVM::LoadOp::create(b, loc, type, at);
  }

  Value fromBits(Value bits, Type type) {
    auto integer = b.getIntegerType(type.getIntOrFloatBitWidth());
    if (integer != bits.getType())
      bits = LLVM::TruncOp::create(b, loc, integer, bits);
    if (integer != type)
      bits = LLVM::BitcastOp::create(b, loc, type, bits);
    return bits;
  }

  LLVM::LLVMFuncOp kernel, grid;
  OpBuilder b;
  Location loc;
  Type pointer;
};

struct ExportKernelsPass : tw::impl::ExportKernelsBase<ExportKernelsPass> {
  void runOnOperation() override {
    SmallVector<LLVM::LLVMFuncOp> kernels;
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>())
      if (function->hasAttr("tile.kernel"))
        kernels.push_back(function);
    for (LLVM::LLVMFuncOp kernel : kernels)
      if (auto grid = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(
              (kernel.getName() + "_grid").str()))
        Exporter(kernel, grid).run();
  }
};

} // namespace
