// What matrix products share: NumPy's shape rule and their form in tile ops.
#pragma once

#include "dialects/interfaces/Interfaces.h"

namespace tw::nn {

/// An operand of a product: [batch..., rows, columns].
struct Matrix {
  Dims batch;
  Dim rows, columns;
};

/// The operand's dims as a matrix. A vector is a row on the left, a column on
/// the right.
Matrix asMatrix(ShapeBuilder &shapes, Value tensor, bool isLeft);

/// [batch..., lhs.rows, rhs.columns]; an error at `op` where depths or batch
/// dims do not agree.
FailureOr<Dims> productDims(Operation *op, ShapeBuilder &shapes,
                            const Matrix &lhs, const Matrix &rhs);

/// The dims of a b for tensors as ONNX's MatMul takes them: vectors have a dim
/// less, and so has the result. `transposed`: of b's last two dims.
FailureOr<Dims> matmulDims(Operation *op, ShapeBuilder &shapes, Value a,
                           Value b, bool transposed = false);

/// The type that products of `element`s are summed in.
Type accumulatorType(Type element);

/// How the right side of a product lies in memory.
enum class RightSide { Plain, Transposed, Packed };

/// A `tile.matmul` of signless tensors. `finish` turns a sum into the element
/// that is stored; it is called with the sum and an element of each extra.
struct Product {
  Value lhs, rhs;
  RightSide rightSide = RightSide::Plain;
  Dims dims;
  Type element;
  SmallVector<Value> extras = {};
  SmallVector<AffineMap> extraMaps = {};
  llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> finish = nullptr;

  Value build(OpBuilder &b, Location loc) const;
};

/// A tensor of rank 1 as a matrix with one row (`isLeft`) or column.
Value vectorAsMatrix(OpBuilder &b, Location loc, Value tensor, bool isLeft);
/// Drops the dims of size 1 that vectorAsMatrix added.
Value dropVectorDims(OpBuilder &b, Location loc, Value product, bool row,
                     bool column);

/// Whether `tensor` is known while compiling: a weight, a constant, or computed
/// from such only.
bool isWeight(Value tensor);

/// `matrix`, a weight, as panels for `target`; fails where it is none or
/// packing does not pay.
FailureOr<Value> packRightSide(RewriterBase &rewriter, Location loc,
                               Value matrix, bool transposed,
                               const PackTarget &target);
/// The width that packRightSide chose.
int64_t panelWidth(Value panels);

} // namespace tw::nn
