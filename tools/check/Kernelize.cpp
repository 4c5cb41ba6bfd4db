#include "tools/check/Kernelize.h"

#include "mlir/IR/IRMapping.h"

using namespace tw;

namespace {
constexpr int64_t kMaxShapeElements = 128;

/// Shapes, axes and the like are read while compiling.
bool mayBeShape(nn::ConstantOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  return type.getRank() <= 1 && type.getNumElements() <= kMaxShapeElements &&
         (type.getElementType().isInteger(64) ||
          type.getElementType().isInteger(32)) &&
         !type.getElementType().isUnsignedInteger();
}

class Kernelizer {
public:
  Kernelizer(func::FuncOp test, bool isDynamic)
      : test(test), isDynamic(isDynamic), b(test.getContext()) {}

  FailureOr<KernelTest> run() {
    collect();
    result.module = ModuleOp::create(test.getLoc());
    b.setInsertionPointToEnd(result.module->getBody());
    SmallVector<Type> types;
    for (nn::ConstantOp constant : constants)
      types.push_back(argumentType(constant));
    types.append(result.ints.size(), b.getIndexType());
    // Not the test's name alone: that may be a libm function's.
    result.name = "test_" + test.getName().str();
    auto kernel = func::FuncOp::create(b, test.getLoc(), result.name,
                                       b.getFunctionType(types, {}));
    kernel->setAttr("tile.kernel", b.getUnitAttr());
    kernel->setAttr(kDimsAttr, argumentDims());
    Block *entry = kernel.addEntryBlock();
    b.setInsertionPointToStart(entry);
    if (failed(fill(entry)))
      return failure();
    kernel.setType(
        b.getFunctionType(types, entry->getTerminator()->getOperandTypes()));
    return std::move(result);
  }

private:
  void collect() {
    for (Operation &op : test.front()) {
      if (auto constant = dyn_cast<nn::ConstantOp>(op);
          constant && !mayBeShape(constant)) {
        constants.push_back(constant);
        result.inputs.push_back(cast<DenseElementsAttr>(constant.getValue()));
      }
      if (auto expectation = dyn_cast<check::ExpectCloseOp>(op))
        result.expectations.push_back(expectation);
      if (isDynamic)
        for (Value value : op.getResults())
          if (auto type = dyn_cast<RankedTensorType>(value.getType()))
            for (int64_t size : type.getShape())
              if (!llvm::is_contained(result.ints, size))
                result.ints.push_back(size);
    }
  }

  /// Dims of size 1 stay: they may be there to be broadcast.
  Type argumentType(nn::ConstantOp constant) {
    auto type = cast<RankedTensorType>(constant.getType());
    SmallVector<int64_t> sizes(type.getShape());
    for (int64_t &size : sizes)
      if (isDynamic && size != 1)
        size = ShapedType::kDynamic;
    return RankedTensorType::get(sizes, type.getElementType());
  }

  /// Equal sizes are one index argument.
  DenseI64ArrayAttr dims(Type dynamic, ArrayRef<int64_t> sizes) {
    SmallVector<int64_t> entries;
    for (auto [i, size] : llvm::enumerate(sizes))
      entries.push_back(cast<RankedTensorType>(dynamic).isDynamicDim(i)
                            ? llvm::find(result.ints, size) -
                                  result.ints.begin()
                            : -1);
    return b.getDenseI64ArrayAttr(entries);
  }

  ArrayAttr argumentDims() {
    SmallVector<Attribute> attrs;
    for (nn::ConstantOp constant : constants)
      attrs.push_back(dims(argumentType(constant),
                           cast<ShapedType>(constant.getType()).getShape()));
    attrs.append(result.ints.size(), b.getDenseI64ArrayAttr({}));
    return b.getArrayAttr(attrs);
  }

  LogicalResult fill(Block *entry) {
    for (auto [i, constant] : llvm::enumerate(constants))
      mapping.map(constant.getResult(), entry->getArgument(i));
    ShapeBuilder shapes(b, test.getLoc());
    for (Operation &op : test.front().without_terminator())
      if (!isa<check::ExpectCloseOp>(op) &&
          !(op.getNumResults() && mapping.contains(op.getResult(0))) &&
          failed(clone(op, shapes)))
        return failure();
    SmallVector<Value> results;
    for (check::ExpectCloseOp expectation : result.expectations)
      results.push_back(mapping.lookup(expectation.getActual()));
    func::ReturnOp::create(b, test.getLoc(), results);
    return success();
  }

  LogicalResult clone(Operation &op, ShapeBuilder &shapes) {
    Operation *copy = b.clone(op, mapping);
    if (!isDynamic || !isa<ShapeOpInterface>(copy))
      return success();
    if (copy->getNumRegions())
      return failure();
    b.setInsertionPoint(copy);
    for (Value value : copy->getResults())
      value.setType(unknownDims(value.getType()));
    if (failed(nn::refineResults(shapes, copy)) || isExpanded(copy))
      return failure();
    b.setInsertionPointAfter(copy);
    SmallVector<Attribute> attrs;
    for (auto [now, before] :
         llvm::zip_equal(copy->getResults(), op.getResults()))
      attrs.push_back(
          dims(now.getType(), cast<ShapedType>(before.getType()).getShape()));
    copy->setAttr(kDimsAttr, b.getArrayAttr(attrs));
    return success();
  }

  /// Whether an op of these sizes becomes others before kernels are formed; the
  /// others have their own tests.
  static bool isExpanded(Operation *op) {
    auto expandable = dyn_cast<ExpandOpInterface>(op);
    return expandable && !expandable.hasKernel(/*gpu=*/true);
  }

  static Type unknownDims(Type type) {
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> sizes(tensor.getRank(), ShapedType::kDynamic);
    return RankedTensorType::get(sizes, tensor.getElementType());
  }

  func::FuncOp test;
  bool isDynamic;
  OpBuilder b;
  KernelTest result;
  SmallVector<nn::ConstantOp> constants;
  IRMapping mapping;
};

} // namespace

FailureOr<KernelTest> tw::kernelize(func::FuncOp test, bool isDynamic) {
  return Kernelizer(test, isDynamic).run();
}
