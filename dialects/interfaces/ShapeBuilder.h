// What shape rules are written with: arithmetic on dims that are static
// (attributes) or dynamic (SSA values).
#pragma once

#include "dialects/interfaces/Base.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

#include <optional>

namespace tw {

using Dim = OpFoldResult;
using Dims = SmallVector<OpFoldResult>;

/// A result as a shape rule sees it.
struct ResultShape {
  Dims dims;
  Type elementType;
  /// The elements of an integer result, where the operands' shapes alone give
  /// them (Shape, Size).
  std::optional<Dims> elements = std::nullopt;
};

/// Two sizes of which it is not known whether they go together: they must be
/// equal, or one of them 1 where that stretches.
struct SizeDemand {
  Dim x, y;
  bool stretches;
};

/// Builds index arithmetic that folds where it can and is value-numbered within
/// a block, so that equal dims are equal SSA values. Knows the dims and, for
/// small integer tensors, the elements of values already seen.
class ShapeBuilder {
public:
  ShapeBuilder(OpBuilder &builder, Location loc) : b(builder), loc(loc) {}

  OpBuilder &builder() { return b; }
  Location location() const { return loc; }
  void setLocation(Location l) { loc = l; }

  /// Dim `index` of `tensor` (a ranked tensor); a negative index counts from
  /// the end.
  Dim dim(Value tensor, int64_t index);
  Dims dims(Value tensor);
  static int64_t rank(Value tensor) {
    return cast<RankedTensorType>(tensor.getType()).getRank();
  }
  static Type elementType(Value tensor) {
    return cast<ShapedType>(tensor.getType()).getElementType();
  }

  /// The elements of a tensor of static shape that lives on the host:
  /// index-typed for integers (as attributes where they are known). Reads them
  /// from memory (`tensor.extract`) where no elements are known and the shape
  /// is static and small.
  std::optional<SmallVector<OpFoldResult>> elements(Value tensor);
  /// Elements that are compile-time constants, or nothing.
  static std::optional<SmallVector<int64_t>> constants(Value tensor);

  Dim constant(int64_t value) { return b.getIndexAttr(value); }
  static std::optional<int64_t> known(Dim d) { return getConstantIntValue(d); }
  static bool equal(Dim x, Dim y) { return isEqualConstantIntOrValue(x, y); }
  Value value(Dim d);

  Dim add(Dim x, Dim y);
  Dim sub(Dim x, Dim y);
  Dim mul(Dim x, Dim y);
  Dim floorDiv(Dim x, Dim y);
  Dim ceilDiv(Dim x, Dim y);
  Dim max(Dim x, Dim y);
  Dim min(Dim x, Dim y);
  /// x if condition (i1) else y.
  Dim select(Dim condition, Dim x, Dim y);
  /// x < 0 as a condition.
  Dim isNegative(Dim x);
  Dim isEqual(Dim x, Dim y);
  /// x < y as a condition.
  Dim isLess(Dim x, Dim y);
  Dim product(ArrayRef<OpFoldResult> dims);
  /// NumPy's rule for one dim; fails where both are known and differ and
  /// neither is 1.
  FailureOr<Dim> broadcast(Dim x, Dim y);
  FailureOr<Dims> broadcast(ArrayRef<OpFoldResult> x, ArrayRef<OpFoldResult> y);

  /// Says that two sizes must be equal; false where they are known not to be.
  bool demandEqual(Dim x, Dim y);
  /// What rules have demanded since the last call: whoever builds a program
  /// checks it when it runs.
  SmallVector<SizeDemand> takeDemands() { return std::exchange(demands, {}); }

  /// Remembers what a later `dim(tensor, i)` answers.
  void setDims(Value tensor, Dims dims) { knownDims[tensor] = std::move(dims); }

private:
  template <typename OpT>
  Dim binary(Dim x, Dim y, int64_t (*fold)(int64_t, int64_t));
  Value numbered(OperationName name, ValueRange operands,
                 llvm::function_ref<Value()> build);
  Dim argumentDim(BlockArgument argument, int64_t index);
  Dim toIndex(Value scalar);
  Dim arithmeticToIndex(Value scalar);
  Dim rebuild(int64_t factor, ArrayRef<Value> factors);

  OpBuilder &b;
  Location loc;
  SmallVector<SizeDemand> demands;
  DenseMap<Value, Dims> knownDims;
  DenseMap<std::pair<BlockArgument, int64_t>, Value> argumentDims;
  DenseMap<std::pair<Block *, int64_t>, Value> constantOps;
  DenseMap<std::pair<Block *, Value>, Dim> indices;
  DenseMap<std::tuple<Block *, OperationName, Value, Value, Value>, Value>
      numbers;
};

/// On an argument of the host function: an array of strings, the symbol of each
/// dim ("" where it has none). Equal symbols are equal sizes; the runtime
/// checks that.
constexpr StringLiteral kSymbolsAttr = "nn.dims";

/// Inside a kernel, dynamic dims are the function's index arguments. This
/// attribute says which: on the function an array per argument, on an op one
/// per result; entry k >= 0 is the k-th index argument, -1 a static dim. So
/// dims that the host knows to be equal are one SSA value inside the kernel.
constexpr StringLiteral kDimsAttr = "tile.dims";
/// The index argument that stands for a dynamic dim of `tensor` inside a
/// kernel, or null.
Value annotatedDim(Value tensor, int64_t index);

/// The type that a result shape stands for.
RankedTensorType tensorType(const ResultShape &shape);
/// Shape as text for messages: "2x?x3".
std::string describe(ArrayRef<OpFoldResult> dims);
std::string describe(Type type);

} // namespace tw
