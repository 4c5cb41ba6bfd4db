// Vector code that the lowerings of heavy tile ops share.
#pragma once

#include "dialects/interfaces/Interfaces.h"
#include "passes/cpu/CpuTarget.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tw {

/// A dim of a buffer as arithmetic on sizes, without the buffer where it can
/// be: the grid of a kernel is computed before it has any.
Dim bufferDim(ShapeBuilder &shapes, Value buffer, int64_t index);

/// Writes code on vectors whose lanes lie along one dim of a result. A mask is
/// a vector of i1, or null where all lanes are real.
class VectorEmitter {
public:
  VectorEmitter(OpBuilder &builder, Location loc, const CpuTarget &target)
      : b(builder), loc(loc), target(target) {}

  VectorType type(Type element, int64_t lanes) {
    return VectorType::get(lanes, element);
  }
  Value zero(VectorType type);
  Value splat(Value scalar, int64_t lanes);
  /// Lanes 0 .. count-1; `count` may be negative or beyond the last lane.
  Value firstLanes(Value count, int64_t lanes);

  /// Lanes from `at` on along the last dim, which is contiguous.
  Value load(Value buffer, ValueRange at, VectorType type, Value mask = {});
  void store(Value vector, Value buffer, ValueRange at, Value mask = {});
  /// One element in every lane.
  Value broadcast(Value buffer, ValueRange at, int64_t lanes);

  /// `value`, a scalar or a vector, in the type that sums have.
  Value widen(Value value, Type accumulator, bool isUnsigned = false);
  /// x * y + sum, in one rounding where the CPU can.
  Value multiplyAdd(Value x, Value y, Value sum);
  Value add(Value x, Value y);

  /// What `op`'s epilogue makes of `sums`, whose lane 0 is the result at
  /// `position` and whose lanes lie along dim `laneDim`.
  Value finish(EpilogueOpInterface op, Value sums, ValueRange position,
               int64_t laneDim, Value mask);
  /// The region's ops on vectors: `args` for its arguments, scalars from
  /// outside in every lane.
  Value clone(Region &body, ValueRange args, int64_t lanes);

  /// Transposes n vectors of n lanes, n a power of two.
  SmallVector<Value> transpose(ArrayRef<Value> rows);

private:
  Value extra(Value source, AffineMap map, ValueRange position, int64_t laneDim,
              int64_t lanes, Value mask);
  Value gather(Value buffer, SmallVector<Value> at, int64_t dim, int64_t lanes);
  Value constant(Attribute value, int64_t lanes);

  OpBuilder &b;
  Location loc;
  const CpuTarget &target;
};

} // namespace tw
