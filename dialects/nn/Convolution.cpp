#include "dialects/nn/Convolution.h"

#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

bool tw::nn::isImageType(Type element, bool gpu) {
  return element.isF32() || (gpu && (element.isF16() || element.isBF16()));
}

Dims tw::nn::kernelDims(ShapeBuilder &shapes, Value weight) {
  Dims dims = shapes.dims(weight);
  return Dims(llvm::drop_begin(dims, 2));
}

static LogicalResult checkRanks(const Convolution &c) {
  int64_t rank = ShapeBuilder::rank(c.input);
  if (rank < 3)
    return c.op->emitOpError("expected an input of rank 3 or more, found ")
           << c.input.getType();
  if (ShapeBuilder::rank(c.weight) != rank)
    return c.op->emitOpError("expected a weight of the input's rank ")
           << rank << ", found " << c.weight.getType();
  if (c.bias && ShapeBuilder::rank(c.bias) != 1)
    return c.op->emitOpError("expected a bias of rank 1, found ")
           << c.bias.getType();
  if (c.group < 1)
    return c.op->emitOpError("attribute 'group': expected a positive number, "
                             "found ")
           << c.group;
  return success();
}

static LogicalResult checkChannels(const Convolution &c, ShapeBuilder &s) {
  auto channels = ShapeBuilder::known(s.dim(c.input, c.channelDim()));
  auto perGroup = ShapeBuilder::known(s.dim(c.weight, 1));
  if (channels && perGroup && *channels != *perGroup * c.group)
    return c.op->emitOpError("attribute 'group': expected an input of ")
           << *perGroup * c.group << " channels (the weight's " << *perGroup
           << " times " << c.group << " groups), found " << *channels;
  auto outputs = ShapeBuilder::known(s.dim(c.weight, 0));
  if (outputs && *outputs % c.group)
    return c.op->emitOpError("attribute 'group': expected a divisor of the ")
           << *outputs << " output channels, found " << c.group;
  auto biases = c.bias ? ShapeBuilder::known(s.dim(c.bias, 0)) : std::nullopt;
  if (biases && outputs && *biases != *outputs)
    return c.op->emitOpError("expected a bias of ")
           << *outputs << " elements, found " << *biases;
  return success();
}

static LogicalResult checkKernelShape(const Convolution &c,
                                      ArrayRef<OpFoldResult> kernel) {
  if (!c.kernelShape)
    return success();
  bool matches = c.kernelShape->size() == kernel.size();
  for (auto [wanted, found] : llvm::zip(*c.kernelShape, kernel))
    matches &= ShapeBuilder::known(found).value_or(wanted) == wanted;
  if (matches)
    return success();
  return c.op->emitOpError("attribute 'kernel_shape': expected the weight's ")
         << describe(kernel) << ", found [" << *c.kernelShape << "]";
}

FailureOr<Window> tw::nn::resolveConvolution(const Convolution &c,
                                             ShapeBuilder &shapes) {
  if (failed(checkRanks(c)) || failed(checkChannels(c, shapes)))
    return failure();
  Dims input;
  for (int64_t i = 0; i < c.spatialRank(); ++i)
    input.push_back(shapes.dim(c.input, c.spatialDim(i)));
  WindowSpec spec = c.spec;
  spec.kernel = kernelDims(shapes, c.weight);
  if (failed(checkKernelShape(c, spec.kernel)))
    return failure();
  if (c.kernelShape)
    spec.kernel = constantDims(shapes, *c.kernelShape);
  return resolveWindow(c.op, shapes, input, spec);
}

LogicalResult tw::nn::inferConvolution(const Convolution &c,
                                       ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  FailureOr<Window> window = resolveConvolution(c, shapes);
  if (failed(window))
    return failure();
  Dims dims(window->output);
  Dim outputs = shapes.dim(c.weight, 0);
  dims.insert(c.channelsLast ? dims.end() : dims.begin(), outputs);
  dims.insert(dims.begin(), shapes.dim(c.input, 0));
  results.push_back({std::move(dims), ShapeBuilder::elementType(c.input)});
  return success();
}

namespace {
/// The body of the plain decomposition: one output element.
struct OutputElement {
  const Convolution &c;
  const Window &window;
  Value input, weight, bias;
  Type element, sum;

  Value widen(OpBuilder &b, Location loc, Value scalar) const {
    return convertScalar(b, loc, scalar, element, sum);
  }

  /// `first` is the first channel of the group that the output channel reads.
  Value product(OpBuilder &b, Location loc, ValueRange at, Value output,
                Value first, ValueRange ivs) const {
    unsigned rank = window.rank();
    ValueRange spatial = at.slice(c.channelsLast ? 1 : 2, rank);
    WindowPoint point = windowPoint(b, loc, window, spatial, ivs.drop_front());
    Value channel = arith::AddIOp::create(b, loc, first, ivs[0]);
    SmallVector<Value> from{at[0]}, tap{output};
    llvm::append_range(from, point.position);
    from.insert(from.begin() + c.channelDim(), channel);
    llvm::append_range(tap, ivs);
    Value x = extract(b, loc, input, from);
    Value zero = constantLike(b, loc, x.getType(), 0.0);
    x = arith::SelectOp::create(b, loc, point.inside, x, zero);
    return mulScalars(b, loc, widen(b, loc, x),
                      widen(b, loc, extract(b, loc, weight, tap)));
  }

  Value build(OpBuilder &b, Location loc, ValueRange at) const {
    ShapeBuilder s(b, loc);
    Value output = at[c.channelDim()];
    Dim perGroup = s.dim(weight, 1), group = s.constant(c.group);
    Dim inGroup = s.floorDiv(s.dim(weight, 0), group);
    Dim which = c.group == 1 ? s.constant(0) : s.floorDiv(output, inGroup);
    Value first = s.value(s.mul(which, perGroup));
    Dims extents{perGroup};
    llvm::append_range(extents, window.kernel);
    Value total = reduceOver(
        b, loc, extents, constantLike(b, loc, sum, 0.0),
        [&](OpBuilder &n, Location l, ValueRange ivs, ValueRange accs) {
          Value term = product(n, l, at, output, first, ivs);
          return SmallVector<Value>{addScalars(n, l, accs[0], term)};
        })[0];
    if (bias)
      total = addScalars(b, loc, total,
                         widen(b, loc, extract(b, loc, bias, output)));
    return convertScalar(b, loc, total, sum, element);
  }
};
} // namespace

FailureOr<SmallVector<Value>> tw::nn::decomposeConvolution(const Convolution &c,
                                                           OpBuilder &b) {
  Location loc = c.op->getLoc();
  ShapeBuilder shapes(b, loc);
  FailureOr<Window> window = resolveConvolution(c, shapes);
  if (failed(window))
    return failure();
  Type element = signless(ShapeBuilder::elementType(c.input));
  OutputElement body{c,
                     *window,
                     signless(b, loc, c.input),
                     signless(b, loc, c.weight),
                     c.bias ? signless(b, loc, c.bias) : Value(),
                     element,
                     sumType(element)};
  Value result = generate(b, loc, resultDims(b, c.op), element,
                          [&](OpBuilder &n, Location l, ValueRange at) {
                            return body.build(n, l, at);
                          });
  return SmallVector<Value>{asResult(b, c.op, 0, result)};
}

Value tw::nn::transposeToChannelsLast(OpBuilder &b, Location loc,
                                      Value tensor) {
  SmallVector<int64_t> perm{0};
  llvm::append_range(perm, llvm::seq<int64_t>(2, ShapeBuilder::rank(tensor)));
  perm.push_back(1);
  return transposed(b, loc, tensor, perm);
}

Value tw::nn::transposeToChannelsFirst(OpBuilder &b, Location loc,
                                       Value tensor) {
  int64_t rank = ShapeBuilder::rank(tensor);
  SmallVector<int64_t> perm{0, rank - 1};
  llvm::append_range(perm, llvm::seq<int64_t>(1, rank - 1));
  return transposed(b, loc, tensor, perm);
}

Value tw::nn::reshapeTo(ShapeBuilder &shapes, Value tensor,
                        ArrayRef<OpFoldResult> dims) {
  OpBuilder &b = shapes.builder();
  Type type = tensorType({Dims(dims), ShapeBuilder::elementType(tensor)});
  return ReshapeOp::create(b, shapes.location(), type, tensor,
                           shapeTensor(b, shapes.location(), dims),
                           b.getI64IntegerAttr(1));
}
