// What all forms of convolution share: the shape rule and the plain
// decomposition.
#pragma once

#include "dialects/nn/Window.h"

namespace tw::nn {

/// A convolution's operands; `weight` is [M, C/group, window...].
struct Convolution {
  Operation *op;
  Value input, weight, bias;
  int64_t group;
  bool channelsLast;
  WindowSpec spec;
  /// The `kernel_shape` attribute, which only repeats the weight's dims.
  std::optional<ArrayRef<int64_t>> kernelShape = std::nullopt;

  int64_t spatialRank() const { return ShapeBuilder::rank(input) - 2; }
  /// The input's dim of channel and of the i-th spatial dim.
  int64_t channelDim() const { return channelsLast ? spatialRank() + 1 : 1; }
  int64_t spatialDim(int64_t i) const { return i + (channelsLast ? 1 : 2); }
};

FailureOr<Window> resolveConvolution(const Convolution &c,
                                     ShapeBuilder &shapes);
LogicalResult inferConvolution(const Convolution &c, ShapeBuilder &shapes,
                               SmallVectorImpl<ResultShape> &results);
/// One loop nest per output element; any rank and element type.
FailureOr<SmallVector<Value>> decomposeConvolution(const Convolution &c,
                                                   OpBuilder &b);

/// Whether there are kernels for images of `element` with channels last.
bool isImageType(Type element, bool gpu);

/// The dims 2.. of a weight.
Dims kernelDims(ShapeBuilder &shapes, Value weight);

/// NCHW.. -> N..C, or back.
Value transposeToChannelsLast(OpBuilder &b, Location loc, Value tensor);
Value transposeToChannelsFirst(OpBuilder &b, Location loc, Value tensor);
/// A tensor of dims `dims` with the elements of `tensor`.
Value reshapeTo(ShapeBuilder &shapes, Value tensor,
                ArrayRef<OpFoldResult> dims);

} // namespace tw::nn
