// How tile ops say, in scalar loops on buffers, what they sum.
#pragma once

#include "dialects/interfaces/Interfaces.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace tw::tile {

/// Index arithmetic and loops that carry one value.
class SumBuilder {
public:
  SumBuilder(OpBuilder &b, Location loc, int64_t lanes = 1)
      : b(b), loc(loc), lanes(lanes) {}

  Value index(int64_t value);
  /// In all lanes.
  Value constant(TypedAttr number);
  Value zero(Type type) {
    return constant(cast<TypedAttr>(b.getZeroAttr(type)));
  }
  Value inAllLanes(Value scalar);
  Value add(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, int64_t y);
  Value rem(Value x, int64_t y);
  /// The extent of `buffer` along `dim`, negative from the end.
  Value size(Value buffer, int64_t dim);
  /// Whether 0 <= x < end.
  Value isInside(Value x, Value end);
  Value both(Value x, Value y);
  /// An element, or as many neighbours along the last dim as there are lanes,
  /// widened to `type`.
  Value load(Value buffer, ValueRange at, Type type, bool isUnsigned = false);
  /// x * y + sum, rounded once.
  Value multiplyAdd(Value x, Value y, Value sum);
  /// `carried = body(i, carried)` for i in [0, end).
  Value loop(Value end, Value init, llvm::function_ref<Value(Value, Value)>);
  /// `body()` where `condition` holds, else `otherwise`.
  Value guarded(Value condition, Value otherwise,
                llvm::function_ref<Value()> body);

  OpBuilder &b;
  Location loc;
  int64_t lanes; ///< more than one: sums are vectors
};

/// Where a window over an image [N, H, W, C] lies.
struct Window {
  ArrayRef<int64_t> strides, dilations, pads;
};

/// Folds `body(y, x, i, j, carried)` over the positions (i, j) of the window
/// of output (at[1], at[2]) that lie inside of `image` at (y, x).
Value foldWindow(
    SumBuilder &s, Value image, const Window &window, ValueRange at,
    Value height, Value width, Value init,
    llvm::function_ref<Value(Value, Value, Value, Value, Value)> body);

} // namespace tw::tile
