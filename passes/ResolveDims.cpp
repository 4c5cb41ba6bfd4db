#include "passes/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_RESOLVEDIMS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Finds sizes at their source: a kernel's index arguments, allocations, the
/// sizes of slices.
class Resolver {
public:
  Resolver(OpBuilder &b, Location loc) : shapes(b, loc) {}

  /// A dim of a tensor or memref, or null where it is not known here.
  Dim dim(Value shaped, int64_t index) {
    auto type = cast<ShapedType>(shaped.getType());
    if (!type.isDynamicDim(index))
      return shapes.constant(type.getDimSize(index));
    if (auto argument = dyn_cast<BlockArgument>(shaped))
      return ofArgument(argument, index);
    return ofOp(cast<OpResult>(shaped), index);
  }

  Value value(Dim d) { return shapes.value(d); }

private:
  Dim ofArgument(BlockArgument argument, int64_t index) {
    auto forall = dyn_cast<scf::ForallOp>(argument.getOwner()->getParentOp());
    if (forall && argument.getArgNumber() >= forall.getRank())
      return dim(forall.getTiedOpOperand(argument)->get(), index);
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (loop && argument.getArgNumber() >= 1)
      return dim(loop.getTiedLoopInit(argument)->get(), index);
    if (isa<RankedTensorType>(argument.getType()))
      if (Value symbol = annotatedDim(argument, index))
        return symbol;
    return {};
  }

  Dim ofOp(OpResult result, int64_t index) {
    Operation *op = result.getOwner();
    if (isa<bufferization::ToTensorOp, tensor::CastOp, tensor::BitcastOp,
            memref::CastOp>(op))
      return dim(op->getOperand(0), index);
    if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
      return product(collapse.getSrc(),
                     collapse.getReassociationIndices()[index]);
    if (auto collapse = dyn_cast<memref::CollapseShapeOp>(op))
      return product(collapse.getSrc(),
                     collapse.getReassociationIndices()[index]);
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
      return expand.getMixedOutputShape()[index];
    if (auto expand = dyn_cast<memref::ExpandShapeOp>(op))
      return expand.getMixedOutputShape()[index];
    if (auto empty = dyn_cast<tensor::EmptyOp>(op))
      return empty.getMixedSizes()[index];
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      return alloc.getMixedSizes()[index];
    if (auto forall = dyn_cast<scf::ForallOp>(op))
      return dim(forall.getTiedOpOperand(result)->get(), index);
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return dim(loop.getInitArgs()[result.getResultNumber()], index);
    if (auto concat = dyn_cast<tensor::ConcatOp>(op))
      return ofConcat(concat, index);
    if (auto inPlace = dyn_cast<DestinationStyleOpInterface>(op))
      return dim(inPlace.getTiedOpOperand(result)->get(), index);
    return ofSlice(op, cast<ShapedType>(result.getType()), index);
  }

  Dim ofSlice(Operation *op, ShapedType type, int64_t index) {
    auto slice = dyn_cast<OffsetSizeAndStrideOpInterface>(op);
    if (!slice ||
        static_cast<int64_t>(slice.getMixedSizes().size()) != type.getRank())
      return {};
    return slice.getMixedSizes()[index];
  }

  Dim ofConcat(tensor::ConcatOp concat, int64_t index) {
    if (index != static_cast<int64_t>(concat.getDim()))
      return dim(concat.getInputs().front(), index);
    Dim total = shapes.constant(0);
    for (Value input : concat.getInputs()) {
      Dim part = dim(input, index);
      if (!part)
        return {};
      total = shapes.add(total, part);
    }
    return total;
  }

  Dim product(Value source, ArrayRef<int64_t> indices) {
    Dim result = shapes.constant(1);
    for (int64_t i : indices) {
      Dim factor = dim(source, i);
      if (!factor)
        return {};
      result = shapes.mul(result, factor);
    }
    return result;
  }

  ShapeBuilder shapes;
};

template <typename DimOp>
void resolve(DimOp op) {
  auto index = op.getConstantIndex();
  if (!index)
    return;
  OpBuilder b(op);
  Resolver resolver(b, op.getLoc());
  if (Dim d = resolver.dim(op.getSource(), *index)) {
    op.replaceAllUsesWith(resolver.value(d));
    op.erase();
  }
}

struct ResolveDimsPass : tw::impl::ResolveDimsBase<ResolveDimsPass> {
  void runOnOperation() override {
    getOperation().walk([](tensor::DimOp op) { resolve(op); });
    getOperation().walk([](memref::DimOp op) { resolve(op); });
  }
};

} // namespace
