#include "dialects/nn/Contraction.h"

#include "dialects/nn/Build.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

Matrix tw::nn::asMatrix(ShapeBuilder &shapes, Value tensor, bool isLeft) {
  Dims dims = shapes.dims(tensor);
  Dim one = shapes.constant(1);
  if (dims.size() == 1)
    return isLeft ? Matrix{{}, one, dims[0]} : Matrix{{}, dims[0], one};
  return {Dims(ArrayRef(dims).drop_back(2)), dims.end()[-2], dims.back()};
}

FailureOr<Dims> tw::nn::productDims(Operation *op, ShapeBuilder &shapes,
                                    const Matrix &lhs, const Matrix &rhs) {
  if (!shapes.demandEqual(lhs.columns, rhs.rows))
    return op->emitOpError("expected as many columns on the left as rows on "
                           "the right, found ")
           << *ShapeBuilder::known(lhs.columns) << " and "
           << *ShapeBuilder::known(rhs.rows);
  FailureOr<Dims> dims = shapes.broadcast(lhs.batch, rhs.batch);
  if (failed(dims))
    return op->emitOpError("batch dims do not broadcast: ")
           << describe(lhs.batch) << " against " << describe(rhs.batch);
  dims->append({lhs.rows, rhs.columns});
  return dims;
}

FailureOr<Dims> tw::nn::matmulDims(Operation *op, ShapeBuilder &shapes, Value a,
                                   Value b, bool transposed) {
  int64_t left = ShapeBuilder::rank(a), right = ShapeBuilder::rank(b);
  if (left == 0 || right == 0 || (right == 1 && transposed))
    return op->emitOpError("expected vectors or matrices, found ")
           << a.getType() << " and " << b.getType();
  Matrix rhs = asMatrix(shapes, b, /*isLeft=*/false);
  if (transposed)
    std::swap(rhs.rows, rhs.columns);
  FailureOr<Dims> dims =
      productDims(op, shapes, asMatrix(shapes, a, /*isLeft=*/true), rhs);
  if (failed(dims))
    return failure();
  if (right == 1)
    dims->pop_back();
  if (left == 1)
    dims->erase(dims->end() - (right == 1 ? 1 : 2));
  return dims;
}

Type tw::nn::accumulatorType(Type element) {
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
    return Float32Type::get(element.getContext());
  return element;
}

/// Replaces the plain epilogue of `op` by `product.finish`.
static void buildEpilogue(OpBuilder &b, tile::MatmulOp op,
                          const Product &product) {
  OpBuilder::InsertionGuard guard(b);
  Block &body = op.getEpilogue().front();
  for (Value extra : product.extras)
    body.addArgument(ShapeBuilder::elementType(extra), op.getLoc());
  op.getExtrasMutable().assign(product.extras);
  op.setExtraMapsAttr(b.getAffineMapArrayAttr(product.extraMaps));
  Operation *yield = body.getTerminator();
  b.setInsertionPoint(yield);
  Value element = body.getArgument(0);
  if (product.finish)
    element = product.finish(b, op.getLoc(), body.getArguments());
  yield->setOperand(0, convertScalar(b, op.getLoc(), element, element.getType(),
                                     product.element));
}

Value Product::build(OpBuilder &b, Location loc) const {
  Value init = emptyTensor(b, loc, dims, element);
  auto op = tile::MatmulOp::create(
      b, loc, lhs, rhs, init, accumulatorType(ShapeBuilder::elementType(lhs)),
      rightSide == RightSide::Transposed, rightSide == RightSide::Packed);
  buildEpilogue(b, op, *this);
  return op.getResult();
}

Value tw::nn::vectorAsMatrix(OpBuilder &b, Location loc, Value tensor,
                             bool isLeft) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() != 1)
    return tensor;
  ShapeBuilder shapes(b, loc);
  Dim size = shapes.dim(tensor, 0), one = shapes.constant(1);
  Dims dims = isLeft ? Dims{one, size} : Dims{size, one};
  ReassociationIndices all{0, 1};
  return tensor::ExpandShapeOp::create(
      b, loc, tensorType({dims, type.getElementType()}), tensor, all, dims);
}

/// Which dims of the matrix end up in which dim of the result.
static SmallVector<ReassociationIndices> groupDims(int64_t rank, bool row,
                                                   bool column) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0; i < rank; ++i) {
    bool dropped = (row && i == rank - 2) || (column && i == rank - 1);
    bool joins =
        !groups.empty() && (dropped || (row && i == rank - 1 && rank == 2));
    if (joins)
      groups.back().push_back(i);
    else
      groups.push_back({i});
  }
  return groups;
}

Value tw::nn::dropVectorDims(OpBuilder &b, Location loc, Value product,
                             bool row, bool column) {
  if (!row && !column)
    return product;
  auto type = cast<RankedTensorType>(product.getType());
  int64_t rank = type.getRank();
  SmallVector<int64_t> sizes(type.getShape().drop_back(2));
  if (!row)
    sizes.push_back(type.getShape()[rank - 2]);
  if (!column)
    sizes.push_back(type.getShape()[rank - 1]);
  SmallVector<ReassociationIndices> groups;
  if (!sizes.empty())
    groups = groupDims(rank, row, column);
  return tensor::CollapseShapeOp::create(
      b, loc, RankedTensorType::get(sizes, type.getElementType()), product,
      groups);
}

bool tw::nn::isWeight(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return false;
  if (isa<WeightOp, ConstantOp>(op))
    return true;
  return isa<ShapeOpInterface>(op) && op->getNumOperands() > 0 &&
         op->getNumRegions() == 0 && llvm::all_of(op->getOperands(), isWeight);
}
