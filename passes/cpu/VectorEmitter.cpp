#include "passes/cpu/VectorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace tw;

/// The sizes that the op which made the buffer was given, if it says them.
static Dims givenSizes(ShapeBuilder &shapes, Operation *producer) {
  if (auto op = dyn_cast_or_null<memref::ReinterpretCastOp>(producer))
    return op.getMixedSizes();
  if (auto op = dyn_cast_or_null<memref::ExpandShapeOp>(producer))
    return op.getMixedOutputShape();
  if (auto op = dyn_cast_or_null<memref::AllocOp>(producer))
    return op.getMixedSizes();
  if (auto op = dyn_cast_or_null<memref::SubViewOp>(producer);
      op && op.getType().getRank() == op.getSourceType().getRank())
    return op.getMixedSizes();
  return {};
}

Dim tw::bufferDim(ShapeBuilder &shapes, Value buffer, int64_t index) {
  auto type = cast<MemRefType>(buffer.getType());
  if (!type.isDynamicDim(index))
    return shapes.constant(type.getDimSize(index));
  Operation *producer = buffer.getDefiningOp();
  if (Dims sizes = givenSizes(shapes, producer); !sizes.empty())
    return sizes[index];
  if (auto op = dyn_cast_or_null<memref::CastOp>(producer))
    return bufferDim(shapes, op.getSource(), index);
  if (auto op = dyn_cast_or_null<memref::CollapseShapeOp>(producer)) {
    Dim product = shapes.constant(1);
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    for (int64_t i : groups[index])
      product = shapes.mul(product, bufferDim(shapes, op.getSrc(), i));
    return product;
  }
  return shapes.builder().createOrFold<memref::DimOp>(shapes.location(), buffer,
                                                      index);
}

Value VectorEmitter::zero(VectorType type) {
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

Value VectorEmitter::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(b, loc, type(scalar.getType(), lanes),
                                     scalar);
}

Value VectorEmitter::firstLanes(Value count, int64_t lanes) {
  return vector::CreateMaskOp::create(b, loc, type(b.getI1Type(), lanes),
                                      count);
}

Value VectorEmitter::load(Value buffer, ValueRange at, VectorType type,
                          Value mask) {
  if (!mask)
    return vector::LoadOp::create(b, loc, type, buffer, at);
  return vector::MaskedLoadOp::create(b, loc, type, buffer, at, mask,
                                      zero(type));
}

void VectorEmitter::store(Value vector, Value buffer, ValueRange at,
                          Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(b, loc, buffer, at, mask, vector);
  else
    vector::StoreOp::create(b, loc, vector, buffer, at);
}

Value VectorEmitter::broadcast(Value buffer, ValueRange at, int64_t lanes) {
  return splat(memref::LoadOp::create(b, loc, buffer, at), lanes);
}

Value VectorEmitter::widen(Value value, Type accumulator, bool isUnsigned) {
  Type element = getElementTypeOrSelf(value.getType());
  if (element == accumulator)
    return value;
  Type wide = accumulator;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    wide = vector.clone(accumulator);
  if (isa<FloatType>(accumulator))
    return arith::ExtFOp::create(b, loc, wide, value);
  if (isUnsigned)
    return arith::ExtUIOp::create(b, loc, wide, value);
  return arith::ExtSIOp::create(b, loc, wide, value);
}

Value VectorEmitter::multiplyAdd(Value x, Value y, Value sum) {
  if (!isa<FloatType>(getElementTypeOrSelf(sum.getType())))
    return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, x, y),
                                 sum);
  if (target.hasFma)
    return vector::FMAOp::create(b, loc, x, y, sum);
  return arith::AddFOp::create(b, loc, arith::MulFOp::create(b, loc, x, y),
                               sum);
}

Value VectorEmitter::add(Value x, Value y) {
  if (isa<FloatType>(getElementTypeOrSelf(x.getType())))
    return arith::AddFOp::create(b, loc, x, y);
  return arith::AddIOp::create(b, loc, x, y);
}

Value VectorEmitter::finish(EpilogueOpInterface op, Value sums,
                            ValueRange position, int64_t laneDim, Value mask) {
  int64_t lanes = cast<VectorType>(sums.getType()).getNumElements();
  SmallVector<Value> args{sums};
  for (auto [source, map] : llvm::zip_equal(
           op.getExtras(), op.getExtraMaps().getAsValueRange<AffineMapAttr>()))
    args.push_back(extra(source, map, position, laneDim, lanes, mask));
  return clone(op.getEpilogue(), args, lanes);
}

Value VectorEmitter::extra(Value source, AffineMap map, ValueRange position,
                           int64_t laneDim, int64_t lanes, Value mask) {
  auto buffer = dyn_cast<MemRefType>(source.getType());
  if (!buffer)
    return splat(source, lanes);
  SmallVector<Value> at;
  int64_t laneResult = -1;
  for (auto [i, expr] : llvm::enumerate(map.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (dim && dim.getPosition() == laneDim)
      laneResult = i;
    at.push_back(dim ? position[dim.getPosition()]
                     : arith::ConstantIndexOp::create(b, loc, 0).getResult());
  }
  if (laneResult < 0)
    return broadcast(source, at, lanes);
  if (laneResult + 1 == buffer.getRank() && buffer.isLastDimUnitStride())
    return load(source, at, type(buffer.getElementType(), lanes), mask);
  return gather(source, at, laneResult, lanes);
}

/// Element by element; lanes beyond the last element repeat it.
Value VectorEmitter::gather(Value buffer, SmallVector<Value> at, int64_t dim,
                            int64_t lanes) {
  Value first = at[dim], one = arith::ConstantIndexOp::create(b, loc, 1);
  ShapeBuilder shapes(b, loc);
  Value size = shapes.value(bufferDim(shapes, buffer, dim));
  Value last = arith::SubIOp::create(b, loc, size, one);
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value offset = arith::ConstantIndexOp::create(b, loc, lane);
    Value index = arith::AddIOp::create(b, loc, first, offset);
    at[dim] = arith::MinSIOp::create(b, loc, index, last);
    elements.push_back(memref::LoadOp::create(b, loc, buffer, at));
  }
  return vector::FromElementsOp::create(
      b, loc, type(elements[0].getType(), lanes), elements);
}

Value VectorEmitter::constant(Attribute value, int64_t lanes) {
  VectorType splatType = type(cast<TypedAttr>(value).getType(), lanes);
  return arith::ConstantOp::create(b, loc,
                                   DenseElementsAttr::get(splatType, value));
}

Value VectorEmitter::clone(Region &body, ValueRange args, int64_t lanes) {
  IRMapping mapping;
  mapping.map(body.getArguments(), args);
  auto onLanes = [&](Value v) -> Value {
    Attribute value;
    if (!mapping.contains(v))
      mapping.map(v, matchPattern(v, m_Constant(&value))
                         ? constant(value, lanes)
                         : splat(v, lanes));
    return mapping.lookup(v);
  };
  for (Operation &op : body.front().without_terminator()) {
    if (op.hasTrait<OpTrait::ConstantLike>())
      continue;
    OperationState state(loc, op.getName());
    state.addAttributes(op.getAttrs());
    for (Value operand : op.getOperands())
      state.operands.push_back(onLanes(operand));
    for (Type result : op.getResultTypes())
      state.types.push_back(type(result, lanes));
    mapping.map(op.getResults(), b.create(state)->getResults());
  }
  return onLanes(body.front().getTerminator()->getOperand(0));
}

/// log2(n) rounds, each of which interleaves row i with row i + n/2.
SmallVector<Value> VectorEmitter::transpose(ArrayRef<Value> rows) {
  SmallVector<Value> current(rows);
  int64_t n = rows.size(), half = n / 2;
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < half; ++i) {
    low.append({i, n + i});
    high.append({half + i, n + half + i});
  }
  for (int64_t round = 1; round < n; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < half; ++i)
      for (ArrayRef<int64_t> mask : {ArrayRef(low), ArrayRef(high)})
        next.push_back(vector::ShuffleOp::create(b, loc, current[i],
                                                 current[i + half], mask));
    current = std::move(next);
  }
  return current;
}
