// The sliding windows of convolutions and pools, by ONNX's rules.
#pragma once

#include "dialects/nn/Build.h"

namespace tw::nn {

/// What an op's attributes and operands say about its window.
struct WindowSpec {
  Dims kernel;
  StringRef autoPad = "NOTSET";
  std::optional<ArrayRef<int64_t>> strides, dilations, pads;
  bool ceilMode = false;
};

/// A window with everything resolved; one entry per spatial dim.
struct Window {
  SmallVector<int64_t> strides, dilations;
  Dims kernel, input, before, after, output;

  unsigned rank() const { return strides.size(); }
  /// The pads where all are known while compiling: all begins, then all ends.
  std::optional<SmallVector<int64_t>> staticPads() const;
  std::optional<SmallVector<int64_t>> staticKernel() const;
};

/// Resolves pads and output dims; an error at `op` where attributes contradict
/// the input or each other.
FailureOr<Window> resolveWindow(Operation *op, ShapeBuilder &shapes,
                                ArrayRef<OpFoldResult> input,
                                const WindowSpec &spec);

/// The spec of an op that has ONNX's attributes auto_pad, strides, dilations
/// and pads.
template <typename OpT>
WindowSpec windowSpec(OpT op, Dims kernel) {
  return {std::move(kernel), op.getAutoPad(), op.getStrides(),
          op.getDilations(), op.getPads()};
}

/// `values` as dims.
Dims constantDims(ShapeBuilder &shapes, ArrayRef<int64_t> values);

/// The input position that output position `at` reads through window element
/// `tap`, and whether it lies inside the input (else the position is clamped).
struct WindowPoint {
  SmallVector<Value> position;
  Value inside;
};
WindowPoint windowPoint(OpBuilder &b, Location loc, const Window &window,
                        ValueRange at, ValueRange tap);

/// Loops over `extents` carrying `inits`; the results are what the last
/// iteration yields.
SmallVector<Value> reduceOver(
    OpBuilder &b, Location loc, ArrayRef<OpFoldResult> extents,
    ValueRange inits,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Location, ValueRange ivs,
                                          ValueRange accs)>
        body);

/// The type that sums of `element` are kept in: f32 for the short floats.
Type sumType(Type element);
Value addScalars(OpBuilder &b, Location loc, Value x, Value y);
Value mulScalars(OpBuilder &b, Location loc, Value x, Value y);
/// |x|^p, and x^(1/p) of a sum of such.
Value absolutePower(OpBuilder &b, Location loc, Value x, int64_t p);
Value rootOf(OpBuilder &b, Location loc, Value x, int64_t p);

} // namespace tw::nn
