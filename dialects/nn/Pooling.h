// What all pools share. A pool is [N, C, spatial...], or [N, spatial..., C]
// where `channelsLast`.
#pragma once

#include "dialects/nn/Convolution.h"

namespace tw::nn {

struct Pool {
  Operation *op;
  Value input;
  bool channelsLast;
  WindowSpec spec;

  int64_t spatialRank() const { return ShapeBuilder::rank(input) - 2; }
  int64_t channelDim() const { return channelsLast ? spatialRank() + 1 : 1; }
  int64_t firstSpatialDim() const { return channelsLast ? 1 : 2; }
};

template <typename OpT>
Pool poolOf(OpT op, ShapeBuilder &shapes) {
  Dims kernel = constantDims(shapes, op.getKernelShape());
  Pool pool{op, op.getX(), op.getChannelsLast(), windowSpec(op, kernel)};
  pool.spec.ceilMode = op.getCeilMode();
  return pool;
}

FailureOr<Window> resolvePool(const Pool &pool, ShapeBuilder &shapes);
/// Appends the result's shape once for each of the op's results.
LogicalResult inferPool(const Pool &pool, ShapeBuilder &shapes,
                        SmallVectorImpl<ResultShape> &results);

/// One input element under a window.
struct PoolElement {
  Value scalar, inside;
  /// Its place in the input.
  SmallVector<Value> at;
};

/// result[i...] = finish(the accumulators of fold over the window, i...).
Value decomposePool(
    const Pool &pool, OpBuilder &b, Type resultElement,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Location)> inits,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Location,
                                          const PoolElement &, ValueRange accs)>
        fold,
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange accs,
                             ValueRange spatial, const Window &)>
        finish);

/// What every element of a type is at least: -infinity, or the least integer.
/// `element` carries the signedness.
Value lowest(OpBuilder &b, Location loc, Type element);
Value isGreater(OpBuilder &b, Location loc, Type element, Value x, Value y);

/// The pool as a tile op of `kind` (tile.pool2d's), where it is one: images of
/// f32, channels last, with pads known while compiling.
std::optional<Value> poolImages(const Pool &pool, OpBuilder &b, StringRef kind);

/// Shape rule of pools over the whole image: spatial dims become 1.
LogicalResult inferGlobalPool(Operation *op, Value input, bool channelsLast,
                              ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results);
/// A global pool as tile.pool2d, as above.
std::optional<Value> poolWholeImages(Operation *op, Value input,
                                     bool channelsLast, OpBuilder &b,
                                     StringRef kind);
/// The spatial dims of a global pool's input.
SmallVector<int64_t> spatialAxes(Value input, bool channelsLast);

/// Puts transposes around `op`, whose one result and operand 0 are images, and
/// sets its attribute `channels_last`.
LogicalResult wrapChannelsLast(Operation *op, RewriterBase &rewriter);

/// Where windows have a size and pads known while compiling, gives `op` those
/// pads explicitly and puts it channels last; images that isImageType knows
/// only.
LogicalResult makePoolChannelsLast(const Pool &pool, RewriterBase &rewriter,
                                   bool gpu);

} // namespace tw::nn
