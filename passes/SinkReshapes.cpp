#include "passes/Passes.h"

#include "mlir/IR/PatternMatch.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_SINKRESHAPES
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

bool areEqual(ArrayRef<OpFoldResult> x, ArrayRef<OpFoldResult> y) {
  return x.size() == y.size() && llvm::equal(x, y, ShapeBuilder::equal);
}

/// How many innermost dims are the same.
size_t countShared(ArrayRef<OpFoldResult> x, ArrayRef<OpFoldResult> y) {
  size_t n = 0;
  while (n < std::min(x.size(), y.size()) &&
         ShapeBuilder::equal(x[x.size() - 1 - n], y[y.size() - 1 - n]))
    ++n;
  return n;
}

/// Moves the reshapes of one block, whose ops it is shown in order.
class Sinker {
public:
  Sinker(ShapeBuilder &shapes, IRRewriter &b) : shapes(shapes), b(b) {}

  void visit(Operation *op) {
    auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
    if (elementwise && llvm::any_of(op->getOperands(), [&](Value operand) {
          auto reshape = operand.getDefiningOp<nn::ReshapeOp>();
          return reshape && isWanted(reshape) && sink(op, reshape);
        }))
      return;
    auto fusion = dyn_cast<FusionOpInterface>(op);
    bool isProduct =
        fusion && fusion.getFusionKind() == FusionKind::Contraction;
    bool isOfProduct =
        elementwise && llvm::any_of(op->getOperands(), [&](Value operand) {
          return ofProducts.contains(operand);
        });
    if (isProduct || isOfProduct)
      ofProducts.insert_range(op->getResults());
  }

private:
  /// Whether all that reads the product, under either shape, may be in its
  /// kernel.
  bool isWanted(nn::ReshapeOp reshape) {
    auto fits = [&](Operation *user) {
      return user == reshape || isa<ElementwiseOpInterface>(user);
    };
    return ofProducts.contains(reshape.getData()) &&
           llvm::all_of(reshape.getData().getUsers(), fits) &&
           llvm::all_of(reshape->getUsers(), fits);
  }

  bool sink(Operation *op, nn::ReshapeOp reshape) {
    Dims to = shapes.dims(reshape.getReshaped()),
         from = shapes.dims(reshape.getData());
    if (!areEqual(shapes.dims(op->getResult(0)), to))
      return false;
    SmallVector<Dims> operandDims;
    for (Value operand : op->getOperands()) {
      std::optional<Dims> dims = dimsBefore(shapes.dims(operand), from, to);
      if (!dims)
        return false;
      operandDims.push_back(std::move(*dims));
    }
    Operation *moved = b.clone(*op);
    for (auto [operand, dims] : llvm::zip(moved->getOpOperands(), operandDims))
      operand.set(reshaped(operand.get(), dims, moved));
    Value result = moved->getResult(0);
    result.setType(tensorType({from, ShapeBuilder::elementType(result)}));
    shapes.setDims(result, from);
    ofProducts.insert(result);
    auto after = nn::ReshapeOp::create(
        b, op->getLoc(), op->getResult(0).getType(), result, reshape.getShape(),
        reshape.getAllowzero());
    shapes.setDims(after, to);
    b.replaceOp(op, after);
    return true;
  }

  /// The dims under which an operand of a result of dims `to` goes with `from`.
  static std::optional<Dims> dimsBefore(const Dims &own, const Dims &from,
                                        const Dims &to) {
    if (areEqual(own, to))
      return from;
    auto isOne = [](Dim d) { return ShapeBuilder::known(d) == 1; };
    Dims inner(llvm::find_if_not(own, isOne), own.end());
    if (inner.size() > countShared(from, to))
      return std::nullopt;
    return own.size() <= from.size() ? own : inner;
  }

  Value reshaped(Value operand, ArrayRef<OpFoldResult> dims, Operation *user) {
    if (areEqual(shapes.dims(operand), dims))
      return operand;
    auto reshape = operand.getDefiningOp<nn::ReshapeOp>();
    if (reshape && areEqual(shapes.dims(reshape.getData()), dims))
      return reshape.getData();
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(user);
    auto result = nn::ReshapeOp::create(
        b, user->getLoc(),
        tensorType({Dims(dims), ShapeBuilder::elementType(operand)}), operand,
        nn::shapeTensor(b, user->getLoc(), dims), /*allowzero=*/1);
    shapes.setDims(result, Dims(dims));
    return result;
  }

  ShapeBuilder &shapes;
  IRRewriter &b;
  /// What a product computes, and what elementwise ops make of it.
  DenseSet<Value> ofProducts;
};

struct SinkReshapesPass : tw::impl::SinkReshapesBase<SinkReshapesPass> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody())
      run(block);
  }

  void run(Block &block) {
    IRRewriter rewriter(&getContext());
    // Remembers every tensor's dims, so that equal ones are known to be.
    ShapeBuilder shapes(rewriter, getOperation().getLoc());
    Sinker sinker(shapes, rewriter);
    for (Operation &op : llvm::make_early_inc_range(block)) {
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          run(inner);
      rewriter.setInsertionPoint(&op);
      if (failed(nn::refineResults(shapes, &op)))
        return signalPassFailure();
      sinker.visit(&op);
    }
  }
};

} // namespace
