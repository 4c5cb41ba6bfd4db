#include "dialects/nn/Pooling.h"

#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

FailureOr<Window> tw::nn::resolvePool(const Pool &pool, ShapeBuilder &shapes) {
  if (ShapeBuilder::rank(pool.input) < 3)
    return pool.op->emitOpError("expected an input of rank 3 or more, found ")
           << pool.input.getType();
  Dims input;
  for (int64_t i = 0; i < pool.spatialRank(); ++i)
    input.push_back(shapes.dim(pool.input, pool.firstSpatialDim() + i));
  return resolveWindow(pool.op, shapes, input, pool.spec);
}

LogicalResult tw::nn::inferPool(const Pool &pool, ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  FailureOr<Window> window = resolvePool(pool, shapes);
  if (failed(window))
    return failure();
  Dims dims(window->output);
  dims.insert(pool.channelsLast ? dims.end() : dims.begin(),
              shapes.dim(pool.input, pool.channelDim()));
  dims.insert(dims.begin(), shapes.dim(pool.input, 0));
  results.push_back({std::move(dims), ShapeBuilder::elementType(pool.input)});
  return success();
}

static PoolElement elementAt(OpBuilder &b, Location loc, const Pool &pool,
                             Value input, const WindowPoint &point,
                             ValueRange at) {
  PoolElement element{{}, point.inside, {at[0]}};
  llvm::append_range(element.at, point.position);
  element.at.insert(element.at.begin() + pool.channelDim(),
                    at[pool.channelDim()]);
  element.scalar = extract(b, loc, input, element.at);
  return element;
}

Value tw::nn::decomposePool(
    const Pool &pool, OpBuilder &b, Type resultElement,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Location)> inits,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Location,
                                          const PoolElement &, ValueRange)>
        fold,
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange, ValueRange,
                             const Window &)>
        finish) {
  Location loc = pool.op->getLoc();
  ShapeBuilder shapes(b, loc);
  Window window = *resolvePool(pool, shapes);
  Value input = signless(b, loc, pool.input);
  auto body = [&](OpBuilder &n, Location l, ValueRange at) {
    ValueRange spatial = at.slice(pool.firstSpatialDim(), window.rank());
    SmallVector<Value> accs = reduceOver(
        n, l, window.kernel, inits(n, l),
        [&](OpBuilder &m, Location k, ValueRange tap, ValueRange carried) {
          WindowPoint point = windowPoint(m, k, window, spatial, tap);
          return fold(m, k, elementAt(m, k, pool, input, point, at), carried);
        });
    return finish(n, l, accs, spatial, window);
  };
  return generate(b, loc, resultDims(b, pool.op), resultElement, body);
}

static bool isImageOfFloats(Value input, bool channelsLast) {
  auto type = cast<RankedTensorType>(input.getType());
  return channelsLast && type.getRank() == 4 &&
         isImageType(type.getElementType(), /*gpu=*/true) &&
         !type.isDynamicDim(3);
}

std::optional<Value> tw::nn::poolImages(const Pool &pool, OpBuilder &b,
                                        StringRef kind) {
  if (!isImageOfFloats(pool.input, pool.channelsLast))
    return std::nullopt;
  ShapeBuilder shapes(b, pool.op->getLoc());
  Window window = *resolvePool(pool, shapes);
  if (!window.staticPads())
    return std::nullopt;
  return tile::Pool2dOp::create(b, pool.op->getLoc(), kind, pool.input,
                                emptyResult(b, pool.op), *window.staticKernel(),
                                window.strides, window.dilations,
                                *window.staticPads())
      .getResult();
}

std::optional<Value> tw::nn::poolWholeImages(Operation *op, Value input,
                                             bool channelsLast, OpBuilder &b,
                                             StringRef kind) {
  if (!isImageOfFloats(input, channelsLast))
    return std::nullopt;
  SmallVector<int64_t> whole{0, 0}, one{1, 1}, none{0, 0, 0, 0};
  return tile::Pool2dOp::create(b, op->getLoc(), kind, input,
                                emptyResult(b, op), whole, one, one, none)
      .getResult();
}

LogicalResult tw::nn::inferGlobalPool(Operation *op, Value input,
                                      bool channelsLast, ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(input) < 2)
    return op->emitOpError("expected an input of rank 2 or more, found ")
           << input.getType();
  Dims dims = shapes.dims(input);
  for (int64_t axis : spatialAxes(input, channelsLast))
    dims[axis] = shapes.constant(1);
  results.push_back({std::move(dims), ShapeBuilder::elementType(input)});
  return success();
}

SmallVector<int64_t> tw::nn::spatialAxes(Value input, bool channelsLast) {
  int64_t first = channelsLast ? 1 : 2, rank = ShapeBuilder::rank(input);
  return llvm::to_vector(llvm::seq<int64_t>(first, first + rank - 2));
}

LogicalResult tw::nn::wrapChannelsLast(Operation *op, RewriterBase &rewriter) {
  if (op->hasAttr("channels_last"))
    return failure();
  Location loc = op->getLoc();
  rewriter.setInsertionPoint(op);
  Value input = transposeToChannelsLast(rewriter, loc, op->getOperand(0));
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<int64_t> shape(type.getShape());
  std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
  rewriter.modifyOpInPlace(op, [&] {
    op->setOperand(0, input);
    op->setAttr("channels_last", rewriter.getUnitAttr());
    op->getResult(0).setType(type.clone(shape));
  });
  rewriter.setInsertionPointAfter(op);
  Value back = transposeToChannelsFirst(rewriter, loc, op->getResult(0));
  rewriter.replaceAllUsesExcept(op->getResult(0), back, back.getDefiningOp());
  return success();
}

LogicalResult tw::nn::makePoolChannelsLast(const Pool &pool,
                                           RewriterBase &rewriter, bool gpu) {
  Operation *op = pool.op;
  if (pool.channelsLast || pool.spatialRank() != 2 ||
      op->getNumResults() != 1 ||
      !isImageType(ShapeBuilder::elementType(pool.input), gpu))
    return failure();
  ShapeBuilder shapes(rewriter, op->getLoc());
  FailureOr<Window> window = resolvePool(pool, shapes);
  if (failed(window) || !window->staticPads())
    return failure();
  op->setAttr("auto_pad", rewriter.getStringAttr("NOTSET"));
  op->setAttr("pads", rewriter.getDenseI64ArrayAttr(*window->staticPads()));
  return wrapChannelsLast(op, rewriter);
}

Value tw::nn::lowest(OpBuilder &b, Location loc, Type element) {
  Type plain = signless(element);
  if (auto floating = dyn_cast<FloatType>(plain))
    return arith::ConstantOp::create(
        b, loc,
        b.getFloatAttr(floating, APFloat::getInf(floating.getFloatSemantics(),
                                                 /*Negative=*/true)));
  unsigned width = plain.getIntOrFloatBitWidth();
  APInt least = element.isUnsignedInteger() ? APInt::getMinValue(width)
                                            : APInt::getSignedMinValue(width);
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(plain, least));
}

Value tw::nn::isGreater(OpBuilder &b, Location loc, Type element, Value x,
                        Value y) {
  if (isa<FloatType>(element))
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, y);
  auto predicate = element.isUnsignedInteger() ? arith::CmpIPredicate::ugt
                                               : arith::CmpIPredicate::sgt;
  return arith::CmpIOp::create(b, loc, predicate, x, y);
}
