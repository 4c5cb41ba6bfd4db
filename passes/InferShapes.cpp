#include "passes/InferShapes.h"

#include "passes/HostEvaluator.h"
#include "passes/Passes.h"

#include "mlir/IR/Matchers.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_INFERSHAPES
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Erases what was built before `anchor` during this object's life and is not
/// used in the end.
class Attempt {
public:
  explicit Attempt(Operation *anchor)
      : anchor(anchor), before(anchor->getPrevNode()) {}
  ~Attempt() {
    for (Operation *op = anchor->getPrevNode(); op != before;) {
      Operation *unused = op;
      op = op->getPrevNode();
      if (unused->use_empty() && unused != kept)
        unused->erase();
    }
  }
  void keep(Operation *op) { kept = op; }

private:
  Operation *anchor, *before, *kept = nullptr;
};

bool isScalarisable(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions() ||
      !isa<linalg::AggregatedOpInterface>(op))
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape() ||
      type.getElementType().isUnsignedInteger())
    return false;
  return llvm::all_of(op->getOperands(), HostEvaluator::isHost);
}

/// The elements as one constant, where all are known.
Value foldToConstant(OpBuilder &b, Location loc, RankedTensorType type,
                     ArrayRef<Value> elements) {
  SmallVector<Attribute> attrs;
  for (Value element : elements) {
    Attribute attr;
    if (!matchPattern(element, m_Constant(&attr)))
      return {};
    attrs.push_back(attr);
  }
  return nn::ConstantOp::create(
      b, loc, type, cast<ElementsAttr>(DenseElementsAttr::get(type, attrs)));
}

/// Replaces shape arithmetic by host scalars; null where `op` is not that.
Value scalarise(OpBuilder &b, Operation *op) {
  if (!isScalarisable(op))
    return {};
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Attempt attempt(op);
  auto decomposed =
      cast<linalg::AggregatedOpInterface>(op).decomposeOperation(b);
  if (failed(decomposed))
    return {};
  auto elements = HostEvaluator(b).evaluate(decomposed->front());
  if (failed(elements) || llvm::any_of(*elements, [](Value v) { return !v; }))
    return {};
  Value result = foldToConstant(b, op->getLoc(), type, *elements);
  if (!result)
    result = tensor::FromElementsOp::create(b, op->getLoc(), type, *elements);
  attempt.keep(result.getDefiningOp());
  return result;
}

struct InferShapesPass : tw::impl::InferShapesBase<InferShapesPass> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    ShapeInference inference(b);
    if (failed(visitRegion(inference, b, getOperation().getBody())))
      return signalPassFailure();
    Operation *terminator = getOperation().getBody().front().getTerminator();
    getOperation().setType(b.getFunctionType(getOperation().getArgumentTypes(),
                                             terminator->getOperandTypes()));
  }

  static LogicalResult visitRegion(ShapeInference &inference, OpBuilder &b,
                                   Region &region) {
    for (Block &block : region)
      for (Operation &op : llvm::make_early_inc_range(block)) {
        for (Region &nested : op.getRegions())
          if (failed(visitRegion(inference, b, nested)))
            return failure();
        b.setInsertionPoint(&op);
        if (failed(inference.visit(&op)))
          return failure();
      }
    return success();
  }
};

} // namespace

ShapeInference::ShapeInference(OpBuilder &builder)
    : b(builder), shapeBuilder(builder, builder.getUnknownLoc()) {}

FailureOr<SmallVector<Value>> ShapeInference::visit(Operation *op) {
  if (failed(nn::refineResults(shapeBuilder, op)))
    return failure();
  if (Value host = scalarise(b, op)) {
    op->getResult(0).replaceAllUsesWith(host);
    op->erase();
    return SmallVector<Value>{host};
  }
  return SmallVector<Value>(op->getResults());
}
