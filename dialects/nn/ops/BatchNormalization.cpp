#include "dialects/nn/NN.h"
#include "dialects/nn/OnnxNode.h"

using namespace tw;
using namespace tw::nn;

/// The mean over all dims but the channels, as a vector.
static FailureOr<Value> channelMean(OnnxNode &node, Value x) {
  SmallVector<int64_t> axes{0};
  for (int64_t i = 2, rank = ShapeBuilder::rank(x); i < rank; ++i)
    axes.push_back(i);
  return node.build<ReduceMeanOp>(
      {x, node.constant(axes)},
      {node.attribute("keepdims", node.builder.getI64IntegerAttr(0))});
}

/// The mean of (x - mean)^2 for each channel.
static FailureOr<Value> channelVariance(OnnxNode &node, Value x, Value mean) {
  SmallVector<int64_t> axes;
  for (int64_t i = 1, rank = ShapeBuilder::rank(x); i + 1 < rank; ++i)
    axes.push_back(i);
  FailureOr<Value> column = mean;
  if (!axes.empty())
    column = node.build<UnsqueezeOp>({mean, node.constant(axes)});
  if (failed(column))
    return failure();
  auto difference = node.build<SubOp>({x, *column});
  if (failed(difference))
    return failure();
  auto square = node.build<MulOp>({*difference, *difference});
  if (failed(square))
    return failure();
  return channelMean(node, *square);
}

/// running * momentum + current * (1 - momentum).
static FailureOr<Value> runningAverage(OnnxNode &node, Value running,
                                       Value current) {
  Type element = ShapeBuilder::elementType(running);
  double momentum = node.number("momentum").value_or(0.9f);
  auto cast = node.build<CastOp>(
      {current}, {node.attribute("to", TypeAttr::get(element))});
  if (failed(cast))
    return failure();
  auto old = node.build<MulOp>({running, node.scalar(element, momentum)});
  auto fresh = node.build<MulOp>({*cast, node.scalar(element, 1 - momentum)});
  if (failed(old) || failed(fresh))
    return failure();
  return node.build<AddOp>({*old, *fresh});
}

/// Training normalizes by the batch's own statistics, and updates the running
/// ones.
static FailureOr<SmallVector<Value>> importTraining(OnnxNode &node) {
  Value x = node.input(0);
  auto mean = channelMean(node, x);
  if (failed(mean))
    return failure();
  auto variance = channelVariance(node, x, *mean);
  if (failed(variance))
    return failure();
  auto runningMean = runningAverage(node, node.input(3), *mean),
       runningVariance = runningAverage(node, node.input(4), *variance);
  if (failed(runningMean) || failed(runningVariance))
    return failure();
  auto y = node.build<BatchNormalizationOp>(
      {x, node.input(1), node.input(2), *mean, *variance},
      {node.attribute("epsilon", node.attributes.get("epsilon"))});
  if (failed(y))
    return failure();
  return SmallVector<Value>{*y, *runningMean, *runningVariance};
}

FailureOr<SmallVector<Value>> BatchNormalizationOp::importOnnx(OnnxNode &node) {
  if (node.since >= 14 && node.integer("training_mode").value_or(0))
    return importTraining(node);
  if (node.numOutputs > 1)
    return node.error() << "expected one output, found " << node.numOutputs
                        << ": training is not supported below opset 14";
  if (!node.integer("spatial").value_or(1))
    return node.error() << "attribute 'spatial': expected 1, found 0";
  for (StringRef name :
       {"training_mode", "spatial", "momentum", "is_test", "consumed_inputs"})
    node.take(name);
  return node.importAs<BatchNormalizationOp>();
}

LogicalResult
BatchNormalizationOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getX());
  if (dims.size() < 2)
    return emitOpError("operand 'x': expected at least 2 dims, found ")
           << dims.size();
  for (Value vector : {getScale(), getBias(), getMean(), getVariance()})
    if (ShapeBuilder::rank(vector) != 1 ||
        failed(shapes.broadcast(shapes.dim(vector, 0), dims[1])))
      return emitOpError("expected vectors of ")
             << describe({dims[1]}) << " elements, one per channel, found "
             << describe(shapes.dims(vector));
  results.push_back({std::move(dims), ShapeBuilder::elementType(getX())});
  return success();
}

/// x * (scale / sqrt(variance + epsilon)) + ..., in f32 for narrower types.
FailureOr<SmallVector<Value>>
BatchNormalizationOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Dims dims = resultDims(b, *this);
  AffineMap identity = b.getMultiDimIdentityMap(dims.size());
  AffineMap channel =
      AffineMap::get(dims.size(), 0, b.getAffineDimExpr(1), b.getContext());
  Type element = ShapeBuilder::elementType(getX());
  Value empty = emptyTensor(b, loc, dims, element);
  SmallVector<utils::IteratorType> loops(dims.size(),
                                         utils::IteratorType::parallel);
  Type wide = element.getIntOrFloatBitWidth() < 32 ? b.getF32Type() : element;
  auto generic = linalg::GenericOp::create(
      b, loc, empty.getType(),
      ValueRange{getX(), getScale(), getBias(), getMean(), getVariance()},
      empty,
      ArrayRef<AffineMap>{identity, channel, channel, channel, channel,
                          identity},
      loops, [&](OpBuilder &n, Location l, ValueRange args) {
        SmallVector<Value> v;
        for (auto [arg, operand] : llvm::zip(args, getOperands()))
          v.push_back(convertScalar(n, l, arg,
                                    ShapeBuilder::elementType(operand), wide));
        Value epsilon =
            constantLike(n, l, wide, getEpsilon().convertToDouble());
        Value deviation = math::SqrtOp::create(
            n, l, arith::AddFOp::create(n, l, v[4], epsilon));
        Value centred = arith::SubFOp::create(n, l, v[0], v[3]);
        Value unit = arith::DivFOp::create(n, l, centred, deviation);
        Value scaled = arith::MulFOp::create(n, l, unit, v[1]);
        Value sum = arith::AddFOp::create(n, l, scaled, v[2]);
        linalg::YieldOp::create(n, l, convertScalar(n, l, sum, wide, element));
      });
  return SmallVector<Value>{asResult(b, *this, 0, generic.getResult(0))};
}

namespace {

bool isConstant(Value v) {
  return v.getDefiningOp<WeightOp>() || v.getDefiningOp<ConstantOp>();
}

/// batch_normalization(x, constants) => x * s + t, where
/// s = scale / sqrt(variance + epsilon) and t = bias - mean * s
struct AsAffine : OpRewritePattern<BatchNormalizationOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BatchNormalizationOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    auto vector = dyn_cast<RankedTensorType>(op.getScale().getType());
    if (!type || !type.getElementType().isF32() || !vector ||
        !vector.hasStaticShape() ||
        !llvm::all_of(op.getOperands().drop_front(), isConstant))
      return failure();
    Location loc = op.getLoc();
    auto make = [&]<typename OpT>(auto... operands) -> Value {
      return OpT::create(rewriter, loc, vector, operands...);
    };
    auto epsilonType = RankedTensorType::get({1}, rewriter.getF32Type());
    Value epsilon = ConstantOp::create(
        rewriter, loc, epsilonType,
        DenseElementsAttr::get(epsilonType, op.getEpsilon()));
    Value sum = make.operator()<AddOp>(op.getVariance(), epsilon);
    Value deviation = make.operator()<SqrtOp>(sum);
    Value s = make.operator()<DivOp>(op.getScale(), deviation);
    Value product = make.operator()<MulOp>(op.getMean(), s);
    Value t = make.operator()<SubOp>(op.getBias(), product);
    Value scaled = MulOp::create(rewriter, loc, type, op.getX(),
                                 perChannel(rewriter, loc, s, type.getRank()));
    rewriter.replaceOpWithNewOp<AddOp>(
        op, type, scaled, perChannel(rewriter, loc, t, type.getRank()));
    return success();
  }
};

} // namespace

void BatchNormalizationOp::getCanonicalizationPatterns(
    RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<AsAffine>(context);
}
