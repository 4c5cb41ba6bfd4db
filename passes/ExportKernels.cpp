#include "passes/Passes.h"

#include "passes/ptx/Points.h"
#include "runtime/host.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <cstddef>

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
    else if (auto facts = function->getAttrOfType<ArrayAttr>(kTensorMapsAttr))
      exportMaps(name, facts);
    else
      exportGrid(name);
  }

private:
  /// void NAME(const tw_args *args, int64_t begin, int64_t end, void
  /// *workspace, void *shared)
  void exportKernel(StringRef name) {
    Type i64 = b.getI64Type();
    Block *entry = begin(name, {pointer, i64, i64, pointer, pointer});
    ArrayRef<Type> types = function.getFunctionType().getParams();
    SmallVector<Value> operands = load(entry, types.drop_back(4));
    for (unsigned i = 1; i < 5; ++i)
      operands.push_back(entry->getArgument(i));
    LLVM::CallOp::create(b, loc, function, operands);
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  /// void NAME_grid(const tw_args *args, int64_t *out): the results of the grid
  /// in a row.
  void exportGrid(StringRef name) {
    Block *entry = begin(name, {pointer, pointer});
    for (auto [i, number] : llvm::enumerate(results(entry)))
      put(entry, i * sizeof(int64_t), number);
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  /// void NAME_maps(const tw_args *args, tw_tensor_map *maps)
  void exportMaps(StringRef name, ArrayAttr facts) {
    Block *entry = begin(name, {pointer, pointer});
    SmallVector<Value> all = results(entry);
    ArrayRef<Value> numbers(all);
    for (auto [i, item] : llvm::enumerate(facts)) {
      size_t used = exportMap(entry, i * sizeof(tw_tensor_map),
                              cast<DictionaryAttr>(item), numbers);
      numbers = numbers.drop_front(used);
    }
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  /// Writes a map from its facts and the first of `numbers`: the rank, sizes
  /// and distances, the outermost first. Returns how many those are.
  size_t exportMap(Block *entry, int64_t at, DictionaryAttr facts,
                   ArrayRef<Value> numbers) {
    auto fact = [&](StringRef name) {
      return facts.getAs<IntegerAttr>(name).getInt();
    };
    ArrayRef<int64_t> box = facts.getAs<DenseI64ArrayAttr>("box").asArrayRef();
    size_t rank = box.size();
    auto word = [&](size_t offset, int64_t value) {
      put(entry, at + offset,
          LLVM::ConstantOp::create(b, loc, b.getI32IntegerAttr(value)));
    };
    word(offsetof(tw_tensor_map, buffer), fact("buffer"));
    word(offsetof(tw_tensor_map, data_type), fact("type"));
    put(entry, at + offsetof(tw_tensor_map, rank),
        LLVM::TruncOp::create(b, loc, b.getI32Type(), numbers[0]));
    word(offsetof(tw_tensor_map, interleave), 0);
    word(offsetof(tw_tensor_map, swizzle), fact("swizzle"));
    // Of 128 bytes.
    word(offsetof(tw_tensor_map, l2_promotion), 2);
    // Zeros.
    word(offsetof(tw_tensor_map, oob_fill), 0);
    word(offsetof(tw_tensor_map, reserved), 0);
    for (size_t i = 0; i < rank; ++i) {
      put(entry, at + offsetof(tw_tensor_map, dims) + i * sizeof(uint64_t),
          numbers[rank - i]);
      if (i > 0)
        put(entry,
            at + offsetof(tw_tensor_map, strides) + (i - 1) * sizeof(uint64_t),
            numbers[2 * rank - i]);
      word(offsetof(tw_tensor_map, box) + i * sizeof(uint32_t),
           box[rank - 1 - i]);
      word(offsetof(tw_tensor_map, element_strides) + i * sizeof(uint32_t), 1);
    }
    return 2 * rank;
  }

  /// What the body returns for the arguments that `entry` gets.
  SmallVector<Value> results(Block *entry) {
    SmallVector<Value> operands =
        load(entry, function.getFunctionType().getParams());
    auto call = LLVM::CallOp::create(b, loc, function, operands);
    auto type = dyn_cast<LLVM::LLVMStructType>(
        function.getFunctionType().getReturnType());
    SmallVector<Value> values;
    for (size_t i = 0, end = type ? type.getBody().size() : 0; i < end; ++i)
      values.push_back(
          LLVM::ExtractValueOp::create(b, loc, call.getResult(), i));
    return values;
  }

  /// Stores at an offset in bytes from the second argument.
  void put(Block *entry, int64_t offset, Value value) {
    Value at = LLVM::GEPOp::create(
        b, loc, pointer, b.getI8Type(), entry->getArgument(1),
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
    LLVM::StoreOp::create(b, loc, value, at);
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
      if (function->hasAttr("tile.kernel") || function->hasAttr("tile.grid") ||
          function->hasAttr(kTensorMapsAttr))
        functions.push_back(function);
    });
    for (LLVM::LLVMFuncOp function : functions)
      Exporter(function).run();
  }
};

} // namespace
