// What ops' decompositions are written with: linalg on tensors from scalar
// bodies.
#pragma once

#include "dialects/interfaces/Interfaces.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace tw::nn {

/// Shape rule and decomposition shared by all elementwise ops.
LogicalResult inferElementwise(ElementwiseOpInterface op, ShapeBuilder &shapes,
                               SmallVectorImpl<ResultShape> &results);
FailureOr<SmallVector<Value>> decomposeElementwise(ElementwiseOpInterface op,
                                                   OpBuilder &b);

/// A vector of C elements as [C, 1, 1...], to be broadcast along dim 1 of a
/// tensor of `rank` dims.
Value perChannel(OpBuilder &b, Location loc, Value vector, int64_t rank);
/// Whether `v` depends on weights and constants only, as far as a few ops show.
bool isWeightComputation(Value v);
/// transpose(x, perm), as an nn op.
Value transposed(OpBuilder &b, Location loc, Value x, ArrayRef<int64_t> perm);
/// The x with transpose(x, perm) = `operand`, where `operand` may have leading
/// dims fewer than perm (broadcasting): what it is a transpose of, or a
/// transpose built now. Null where a dynamic shape of fewer dims is in the way.
Value undoTranspose(OpBuilder &b, Value operand, ArrayRef<int64_t> perm);
/// `type` before a transposition.
RankedTensorType undoTranspose(RankedTensorType type, ArrayRef<int64_t> perm);
/// TransposeOpInterface::sinkTranspose for an op that means the same in every
/// order of its dims: all transposable operands are undone, attributes stay.
/// Ops whose attributes name axes change them in `adjust`.
FailureOr<SmallVector<Value>>
sinkTransposeThrough(TransposeOpInterface op, OpBuilder &b,
                     ArrayRef<int64_t> perm,
                     llvm::function_ref<void(Operation *)> adjust = nullptr);
/// A one-dimensional tensor of i64 that holds `dims`: a constant where all are
/// known.
Value shapeTensor(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims);

/// The element type in memory and in arithmetic: signless integers.
Type signless(Type elementType);
/// `tensor` with signless elements (a tensor.bitcast where it has unsigned
/// ones).
Value signless(OpBuilder &b, Location loc, Value tensor);
/// `tensor` (signless) as the type that result `index` of `op` has.
Value asResult(OpBuilder &b, Operation *op, unsigned index, Value tensor);

/// The dims of result `index` of `op`, by its shape rule.
Dims resultDims(OpBuilder &b, Operation *op, unsigned index = 0);
/// An uninitialised tensor for result `index` of `op` (signless elements).
Value emptyResult(OpBuilder &b, Operation *op, unsigned index = 0);
Value emptyTensor(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims,
                  Type elementType);
/// A tensor filled with `scalar`.
Value filled(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims,
             Value scalar);

/// A constant of `type`: a scalar, or a splat where `type` is a vector.
/// Integers are truncated to the type's width.
Value constantLike(OpBuilder &b, Location loc, Type type, double value);
Value constantLikeInt(OpBuilder &b, Location loc, Type type, int64_t value);
/// `type` with element type `element`: `element` itself, or a vector of it
/// where `type` is a vector.
Type withElement(Type type, Type element);
/// Value conversion as ONNX Cast between numeric types; `from`/`to` are nn
/// element types (they carry signedness), `value` is a signless scalar or
/// vector.
Value convertScalar(OpBuilder &b, Location loc, Value value, Type from,
                    Type to);

/// `body(element of each input) -> result element`, inputs broadcast to `dims`.
/// `inputs` must be signless.
Value elementwise(
    OpBuilder &b, Location loc, ValueRange inputs, ArrayRef<OpFoldResult> dims,
    Type resultElement,
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> body);
/// result[i...] = body(i...), i... of type index. The body may read tensors by
/// tensor.extract.
Value generate(
    OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims, Type resultElement,
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> body);
/// Reduces `axes` of `input` (kept with size 1 if `keepDims`) starting at
/// scalar `init`: acc = body(element, acc).
Value reduce(
    OpBuilder &b, Location loc, Value input, ArrayRef<int64_t> axes,
    bool keepDims, Value init,
    llvm::function_ref<Value(OpBuilder &, Location, Value element, Value acc)>
        body);
/// Row-major position of `indices` in a tensor of `dims`, and back.
Dim linearize(ShapeBuilder &shapes, ValueRange indices,
              ArrayRef<OpFoldResult> dims);
SmallVector<Value> delinearize(ShapeBuilder &shapes, Dim position,
                               ArrayRef<OpFoldResult> dims);
/// `tensor` under another shape with as many elements.
Value reshaped(OpBuilder &b, Location loc, Value tensor,
               ArrayRef<OpFoldResult> dims);
/// What a View op computes: its first operand under the result's shape.
FailureOr<SmallVector<Value>> decomposeView(Operation *op, OpBuilder &b);
/// What an op computes whose shape rule gives the elements.
FailureOr<SmallVector<Value>> decomposeHostElements(ShapeOpInterface op,
                                                    OpBuilder &b);
/// tensor[indices], a scalar; folded where it is known.
Value extract(OpBuilder &b, Location loc, Value tensor, ValueRange indices);

/// The bits of each element of a constant, in row-major order.
SmallVector<APInt> rawElements(DenseElementsAttr constant);

/// Axis counted from the front; an error at `op` where it is outside [-rank,
/// rank).
FailureOr<int64_t> normalizeAxis(Operation *op, int64_t axis, int64_t rank);

} // namespace tw::nn
