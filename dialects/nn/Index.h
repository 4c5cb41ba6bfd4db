// What data movement ops are written with: indices that count from the end,
// slices, safe element reads.
#pragma once

#include "dialects/nn/Build.h"

namespace tw::nn {

/// `index`, counted from the end of `size` where it is negative.
Dim wrapIndex(ShapeBuilder &shapes, Dim index, Dim size);
/// `index` moved into [low, high].
Dim clamp(ShapeBuilder &shapes, Dim index, Dim low, Dim high);
/// list[index] for an index that need not be known.
Dim pick(ShapeBuilder &shapes, ArrayRef<OpFoldResult> list, Dim index);

/// The elements of a one-dimensional operand; an error at `op` that names the
/// operand where their number is not known.
FailureOr<Dims> hostElements(Operation *op, ShapeBuilder &shapes, Value tensor,
                             StringRef name);
/// The elements of a one-dimensional float operand as scalars of type `type`.
FailureOr<SmallVector<Value>> floatElements(Operation *op, ShapeBuilder &shapes,
                                            Value tensor, Type type,
                                            StringRef name);
/// `attr`'s values as axes counted from the front; all axes where it is absent.
FailureOr<SmallVector<int64_t>>
attributeAxes(Operation *op, std::optional<ArrayRef<int64_t>> axes,
              int64_t rank);
/// True for an operand that is there and not an empty tensor, which stands for
/// an absent one.
bool isGiven(Value operand);
/// The axes in tensor `axes` (0, 1, ... `count - 1` where it is null) counted
/// from the front; an error where a known one is outside [-rank, rank).
FailureOr<Dims> axisElements(Operation *op, ShapeBuilder &shapes, Value axes,
                             int64_t count, int64_t rank);
/// A list with one entry per dim: `values[j]` at dim `axes[j]`, `defaults`
/// elsewhere.
Dims scatterByAxis(ShapeBuilder &shapes, ArrayRef<OpFoldResult> axes,
                   ArrayRef<OpFoldResult> values,
                   ArrayRef<OpFoldResult> defaults);

/// A scalar of any integer type (signedness as in `type`) as an index into a
/// dim of `size`: negative ones count from the end, and what is outside after
/// that is moved to the nearest element, so that nothing outside the tensor is
/// ever read.
Value safeIndex(OpBuilder &b, Location loc, Value scalar, Type type, Dim size);
/// A signless integer scalar as an index.
Value toIndex(OpBuilder &b, Location loc, Value scalar, Type type);
/// An index as a signless integer scalar of `type`.
Value fromIndex(OpBuilder &b, Location loc, Value index, Type type);

/// source[offsets : offsets + sizes], step 1.
Value slice(OpBuilder &b, Location loc, Value source,
            ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes);
/// Tensors one after the other along `axis`.
Value concatenated(OpBuilder &b, Location loc, ValueRange parts, int64_t axis);

/// The only element of `attr` as a signless scalar; 0 of `elementType` where
/// `attr` is null.
Value scalarOf(OpBuilder &b, Location loc, ElementsAttr attr, Type elementType);

/// What loops change in place starts from loops too, since a linalg op may take
/// another shape on the way: a copy of a tensor, or one filled with a scalar.
Value copied(OpBuilder &b, Location loc, Value tensor);
Value filledByLoop(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims,
                   Value scalar);
/// Old and new element under a scatter's `reduction` (none, add, mul, min,
/// max); `type` has the signedness.
Value combine(OpBuilder &b, Location loc, StringRef reduction, Type type,
              Value before, Value update);
LogicalResult checkReduction(Operation *op, StringRef reduction);

/// x if condition else y, for scalars in an op's body.
Value choose(OpBuilder &b, Location loc, Value condition, Value x, Value y);

} // namespace tw::nn
