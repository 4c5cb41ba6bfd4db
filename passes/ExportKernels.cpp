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
  explicit Exporter(LLVM::LLVMFuncOp function)
      : function(function), b(function.getContext()), loc(function.getLoc()),
        pointer(LLVM::LLVMPointerType::get(function.getContext())) {}

  void run() {
    std::string name = function.getName().str();
    function.setName(name + "_body");
    function.setLinkage(LLVM::Linkage::Internal);
    if (function->hasAttr("tile.kernel"))
      exportKernel(name);
    else
      exportGrid(name);
  }

private:
  /// void NAME(const tw_args *args, int64_t begin, int64_t end, void
  /// *workspace)
  void exportKernel(StringRef name) {
    Type i64 = b.getI64Type();
    Block *entry = begin(name, {pointer, i64, i64, pointer});
    ArrayRef<Type> types = function.getFunctionType().getParams();
    SmallVector<Value> operands = load(entry, types.drop_back(3));
    for (unsigned i = 1; i < 4; ++i)
      operands.push_back(entry->getArgument(i));
    LLVM::CallOp::create(b, loc, function, operands);
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  /// void NAME_grid(const tw_args *args, int64_t *out): the results of the grid
  /// in a row.
  void exportGrid(StringRef name) {
    Block *entry = begin(name, {pointer, pointer});
    SmallVector<Value> operands =
        load(entry, function.getFunctionType().getParams());
    auto call = LLVM::CallOp::create(b, loc, function, operands);
    auto results = dyn_cast<LLVM::LLVMStructType>(
        function.getFunctionType().getReturnType());
    int32_t count = results ? results.getBody().size() : 0;
    for (int32_t i = 0; i < count; ++i) {
      Value number = LLVM::ExtractValueOp::create(b, loc, call.getResult(), i);
      Value at =
          LLVM::GEPOp::create(b, loc, pointer, b.getI64Type(),
                              entry->getArgument(1), ArrayRef<LLVM::GEPArg>{i});
      LLVM::StoreOp::create(b, loc, number, at);
    }
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  Block *begin(StringRef name, ArrayRef<Type> arguments) {
    b.setInsertionPointToEnd(function->getParentOfType<ModuleOp>().getBody());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(b.getContext()), arguments);
    auto exported = LLVM::LLVMFuncOp::create(b, loc, name, type);
    Block *entry = exported.addEntryBlock(b);
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

  LLVM::LLVMFuncOp function;
  OpBuilder b;
  Location loc;
  Type pointer;
};

struct ExportKernelsPass : tw::impl::ExportKernelsBase<ExportKernelsPass> {
  void runOnOperation() override {
    SmallVector<LLVM::LLVMFuncOp> functions;
    getOperation().walk([&](LLVM::LLVMFuncOp function) {
      if (function->hasAttr("tile.kernel") || function->hasAttr("tile.grid"))
        functions.push_back(function);
    });
    for (LLVM::LLVMFuncOp function : functions)
      Exporter(function).run();
  }
};

} // namespace
