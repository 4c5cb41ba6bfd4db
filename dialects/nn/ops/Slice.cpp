#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

namespace {
/// What is taken of each dim.
struct Bounds {
  Dims starts, steps, sizes;
};
} // namespace

/// `position` of a dim counted from the end and clamped the way Python does for
/// a step of that sign.
static Dim boundary(ShapeBuilder &shapes, Dim position, Dim size,
                    Dim isBackward, bool isEnd) {
  Dim wrapped = wrapIndex(shapes, position, size);
  Dim forward = clamp(shapes, wrapped, shapes.constant(0), size);
  // In this order: a dim of no elements begins where it ends, at -1.
  Dim backward =
      shapes.min(shapes.max(wrapped, shapes.constant(isEnd ? -1 : 0)),
                 shapes.sub(size, shapes.constant(1)));
  return shapes.select(isBackward, backward, forward);
}

/// How many elements there are from `start` to before `end`. A step of 0 is
/// refused where it is known and taken for 1 where it is not.
static Dim sizeOf(ShapeBuilder &shapes, Dim start, Dim end, Dim step) {
  Dim zero = shapes.constant(0), one = shapes.constant(1);
  Dim divisor = shapes.select(shapes.isEqual(step, zero), one, step);
  return shapes.max(zero, shapes.ceilDiv(shapes.sub(end, start), divisor));
}

static FailureOr<Bounds> findBounds(SliceOp op, ShapeBuilder &shapes) {
  Dims dims = shapes.dims(op.getData());
  auto starts = hostElements(op, shapes, op.getStarts(), "starts");
  auto ends = hostElements(op, shapes, op.getEnds(), "ends");
  if (failed(starts) || failed(ends))
    return failure();
  auto axes =
      axisElements(op, shapes, op.getAxes(), starts->size(), dims.size());
  FailureOr<Dims> steps(Dims(starts->size(), shapes.constant(1)));
  if (op.getSteps())
    steps = hostElements(op, shapes, op.getSteps(), "steps");
  if (failed(axes) || failed(steps))
    return failure();
  if (ends->size() != starts->size() || axes->size() != starts->size() ||
      steps->size() != starts->size())
    return op.emitOpError("expected as many ends, axes and steps as starts, ")
           << "found " << ends->size() << ", " << axes->size() << " and "
           << steps->size() << " for " << starts->size();
  Bounds bounds;
  for (auto [start, end, axis, step] :
       llvm::zip_equal(*starts, *ends, *axes, *steps)) {
    if (ShapeBuilder::known(step) == 0)
      return op.emitOpError("operand 'steps': expected no 0, found one");
    Dim size = pick(shapes, dims, axis), isBackward = shapes.isNegative(step);
    start = boundary(shapes, start, size, isBackward, false);
    end = sizeOf(shapes, start, boundary(shapes, end, size, isBackward, true),
                 step);
  }
  Dims zeros(dims.size(), shapes.constant(0));
  Dims ones(dims.size(), shapes.constant(1));
  bounds.starts = scatterByAxis(shapes, *axes, *starts, zeros);
  bounds.sizes = scatterByAxis(shapes, *axes, *ends, dims);
  bounds.steps = scatterByAxis(shapes, *axes, *steps, ones);
  return bounds;
}

LogicalResult SliceOp::inferResults(ShapeBuilder &shapes,
                                    SmallVectorImpl<ResultShape> &results) {
  FailureOr<Bounds> bounds = findBounds(*this, shapes);
  if (failed(bounds))
    return failure();
  results.push_back({bounds->sizes, ShapeBuilder::elementType(getData())});
  return success();
}

/// A strided slice where every step is known to be positive; else element by
/// element, since tensor.extract_slice cannot go backward.
FailureOr<SmallVector<Value>> SliceOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Bounds bounds = *findBounds(*this, shapes);
  Value source = signless(b, getLoc(), getData());
  Dims dims = resultDims(b, *this);
  bool isForward = llvm::all_of(bounds.steps, [](Dim step) {
    return ShapeBuilder::known(step).value_or(-1) > 0;
  });
  if (isForward) {
    Value part = tensor::ExtractSliceOp::create(
        b, getLoc(), source, bounds.starts, dims, bounds.steps);
    return SmallVector<Value>{asResult(b, *this, 0, part)};
  }
  Value result =
      generate(b, getLoc(), dims, ShapeBuilder::elementType(source),
               [&](OpBuilder &n, Location l, ValueRange at) {
                 ShapeBuilder s(n, l);
                 SmallVector<Value> from;
                 for (auto [i, start, step] :
                      llvm::zip_equal(at, bounds.starts, bounds.steps))
                   from.push_back(s.value(
                       s.add(start, s.mul(getAsOpFoldResult(i), step))));
                 return extract(n, l, source, from);
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
