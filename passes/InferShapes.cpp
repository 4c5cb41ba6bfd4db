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
      if (unused->use_empty() && !kept.contains(unused))
        unused->erase();
    }
  }
  void keep(Operation *op) { kept.insert(op); }

private:
  Operation *anchor, *before;
  SmallPtrSet<Operation *, 4> kept;
};

bool isSmallHostType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() &&
         !tensor.getElementType().isUnsignedInteger();
}

bool isScalarisable(Operation *op) {
  return op->getNumResults() > 0 && !op->getNumRegions() &&
         isa<linalg::AggregatedOpInterface>(op) &&
         llvm::all_of(op->getResultTypes(), isSmallHostType) &&
         llvm::all_of(op->getOperands(), HostEvaluator::isHost);
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

/// A tensor of host scalars.
Value hostTensor(OpBuilder &b, Location loc, Type type,
                 ArrayRef<Value> elements) {
  auto tensor = cast<RankedTensorType>(type);
  if (Value constant = foldToConstant(b, loc, tensor, elements))
    return constant;
  return tensor::FromElementsOp::create(b, loc, tensor, elements);
}

/// What replaces shape arithmetic: host scalars; nothing where `op` is not
/// that.
SmallVector<Value> scalarise(OpBuilder &b, Operation *op) {
  if (!isScalarisable(op))
    return {};
  Attempt attempt(op);
  auto decomposed =
      cast<linalg::AggregatedOpInterface>(op).decomposeOperation(b);
  if (failed(decomposed))
    return {};
  HostEvaluator evaluator(b);
  SmallVector<SmallVector<Value>> all;
  for (Value value : *decomposed) {
    auto elements = evaluator.evaluate(value);
    if (failed(elements) || llvm::any_of(*elements, [](Value v) { return !v; }))
      return {};
    all.push_back(*elements);
  }
  SmallVector<Value> results;
  for (auto [result, elements] : llvm::zip_equal(op->getResults(), all)) {
    results.push_back(hostTensor(b, op->getLoc(), result.getType(), elements));
    attempt.keep(results.back().getDefiningOp());
  }
  return results;
}

/// The elements that the shape rule gave as one tensor on the host; nothing
/// where it gave none.
SmallVector<Value> elementsOfRule(ShapeBuilder &shapes, Operation *op,
                                  ArrayRef<ResultShape> inferred) {
  if (inferred.size() != 1 || !inferred.front().elements)
    return {};
  OpBuilder &b = shapes.builder();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<Value> elements;
  for (Dim d : *inferred.front().elements)
    elements.push_back(b.createOrFold<arith::IndexCastOp>(
        op->getLoc(), type.getElementType(), shapes.value(d)));
  return {hostTensor(b, op->getLoc(), type, elements)};
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

/// tensor.dim of what is known becomes the arithmetic that computes it.
Value ShapeInference::resolveDim(tensor::DimOp op) {
  auto index = op.getConstantIndex();
  if (!index)
    return op;
  Value dim = shapeBuilder.value(shapeBuilder.dim(op.getSource(), *index));
  if (dim != op.getResult()) {
    op.getResult().replaceAllUsesWith(dim);
    op.erase();
  }
  return dim;
}

/// nn ops take any shape: they read what a cast knows less of than its source.
/// What the cast forgets is in no symbol, and a kernel would not know it.
static void readSource(tensor::CastOp op) {
  if (!tensor::preservesStaticInformation(op.getType(),
                                          op.getSource().getType()))
    return;
  op.getResult().replaceUsesWithIf(op.getSource(), [](OpOperand &use) {
    return isa<ShapeOpInterface>(use.getOwner());
  });
}

FailureOr<SmallVector<Value>> ShapeInference::visit(Operation *op) {
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    readSource(cast);
  if (auto size = dyn_cast<tensor::DimOp>(op))
    return SmallVector<Value>{resolveDim(size)};
  SmallVector<ResultShape> inferred;
  if (failed(nn::refineResults(shapeBuilder, op, &inferred)))
    return failure();
  SmallVector<Value> host = elementsOfRule(shapeBuilder, op, inferred);
  if (host.empty())
    host = scalarise(b, op);
  if (host.empty())
    return SmallVector<Value>(op->getResults());
  op->replaceAllUsesWith(host);
  op->erase();
  return host;
}
