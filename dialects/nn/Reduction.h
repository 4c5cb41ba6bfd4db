// What reductions, softmax and normalizations are written with.
#pragma once

#include "dialects/interfaces/Interfaces.h"
#include "dialects/nn/Scalar.h"

#include <functional>

namespace tw::nn {

/// finish(combine(... combine(init, prepare(x0)), prepare(x1) ...), count).
struct Reduction {
  std::function<Scalar(Scalar)> init;
  std::function<Scalar(Scalar, Scalar)> combine;
  std::function<Scalar(Scalar)> prepare = [](Scalar x) { return x; };
  std::function<Scalar(Scalar, Scalar)> finish = {}; ///< may be empty
  bool real = false; ///< integers are reduced as f64
};
Reduction sumReduction();
Reduction maxReduction();
Reduction minReduction();

/// Shape rule of the ops that have ONNX's `data`, `axes`, `keepdims` and
/// `noop_with_empty_axes`, and their decomposition.
LogicalResult inferReduction(Operation *op, ShapeBuilder &shapes,
                             SmallVectorImpl<ResultShape> &results);
FailureOr<SmallVector<Value>> decomposeReduction(Operation *op, OpBuilder &b,
                                                 const Reduction &reduction);

/// Shape rules and decompositions of families whose rows are in ops/*.td.
LogicalResult inferArg(Operation *op, int64_t axis, bool keepDims,
                       ShapeBuilder &shapes,
                       SmallVectorImpl<ResultShape> &results);
LogicalResult inferCumulative(Operation *op, ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results);
FailureOr<SmallVector<Value>> decomposeCumulative(Operation *op, OpBuilder &b,
                                                  StringRef kind,
                                                  bool exclusive, bool reverse);
LogicalResult inferQuantization(Operation *op, int64_t axis, int64_t blockSize,
                                Type target, ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results);
/// x, and parameters that lie along it.
SmallVector<Value> transposableParameters(Operation *op);

/// The axes as far as the compiler knows them, counted from the front.
std::optional<SmallVector<int64_t>> knownAxes(Operation *op);

/// Reduces `axes` of `input`, combine(acc, prepare(element)), accumulating in
/// type `accumulator`. `element` is the input's element type with signedness.
Value reduceAxes(OpBuilder &b, Location loc, Value input, Type element,
                 ArrayRef<int64_t> axes, bool keepDims, Type accumulator,
                 const Reduction &reduction);

/// Sum, largest element and mean over axes, which are kept with size 1, of
/// floats: as f32, or f64 where the input is.
Value sumOf(OpBuilder &b, Location loc, Value input, ArrayRef<int64_t> axes);
Value maxOf(OpBuilder &b, Location loc, Value input, ArrayRef<int64_t> axes);
Value meanOf(OpBuilder &b, Location loc, Value input, ArrayRef<int64_t> axes);
/// The row-major position along `axes` of the first or last of the largest or
/// smallest elements, as i64; NaN is more extreme than any number.
Value extremePosition(OpBuilder &b, Location loc, Value input, Type element,
                      ArrayRef<int64_t> axes, bool keepDims, bool largest,
                      bool last);
/// That position of the element that a linalg body is at.
Value rowPosition(OpBuilder &b, Location loc, ArrayRef<int64_t> axes,
                  ArrayRef<OpFoldResult> dims);
/// The number of elements that are reduced into one, as a scalar of type
/// `element`.
Value countOf(OpBuilder &b, Location loc, Value input, ArrayRef<int64_t> axes,
              Type element);

/// `tensor` without `axes`, which have size 1.
Value withoutDims(OpBuilder &b, Location loc, Value tensor,
                  ArrayRef<int64_t> axes);

/// first, first + 1, ... end - 1.
SmallVector<int64_t> axesFrom(int64_t first, int64_t end);

/// `body(element of each input)`, broadcast to `dims`, on floats: narrow ones
/// as f32, the result converted to `resultElement`.
Value mapReal(OpBuilder &b, Location loc, ValueRange inputs,
              ArrayRef<OpFoldResult> dims, Type resultElement,
              llvm::function_ref<Value(ArrayRef<Scalar>)> body);

} // namespace tw::nn
