// What masks of attention say, read from the ops that compute them.
#pragma once

#include "dialects/nn/NN.h"

#include <variant>

namespace tw {

/// A score beside this is nothing: e^(score - 1e9) is 0 for what models
/// compute.
constexpr double kHides = -1e9;

/// Integers that grow by fixed steps along dims: `offset` + steps[d] * (index
/// in the d-th dim from the last).
struct Positions {
  SmallVector<int64_t> steps;
  Dim offset;
};

/// The keys that a query sees: those that all of these allow.
struct Visible {
  /// Query i sees keys up to i + `last`, for as many queries and keys as these.
  std::optional<Dim> last;
  Dim queries, keys;
  /// Booleans, true where `isNegated` is not.
  struct Flag {
    Value tensor;
    bool isNegated;
  };
  SmallVector<Flag> flags;
};

/// `shown` where a key is visible, else `hidden`.
struct Choice {
  Visible visible;
  double shown, hidden;
};

/// A table whose row i is `shown` up to column i + `last`, then `hidden`.
struct Triangle {
  int64_t last;
  double shown, hidden;
};

/// What a table of `count` numbers is, whose matrices are all the same; nothing
/// where it is no triangle, or one whose first row shows all or nothing.
std::optional<Triangle> readTriangle(RankedTensorType type,
                                     llvm::function_ref<double(int64_t)> at);

/// On an nn.weight, whose numbers passes do not see, what triangle it is:
/// {last : i64, shown : f64, hidden : f64}.
constexpr StringLiteral kTriangleAttr = "nn.triangle";
DictionaryAttr triangleAttr(Builder &b, const Triangle &triangle);

using MaskContent = std::variant<std::monostate, Positions, Choice>;

/// Reads tensors that align with scores at their last two dims.
class MaskReader {
public:
  explicit MaskReader(ShapeBuilder &shapes) : shapes(shapes) {}

  /// What a boolean or float tensor chooses between, if that is known.
  std::optional<Choice> choice(Value tensor);

private:
  MaskContent read(Value tensor);
  MaskContent compute(Value tensor);
  std::optional<Positions> positions(Value tensor);
  MaskContent constant(Value tensor);
  MaskContent range(nn::RangeOp op);
  MaskContent unsqueezed(nn::UnsqueezeOp op);
  MaskContent expanded(nn::ExpandOp op);
  MaskContent triangle(nn::TriluOp op);
  MaskContent table(Value tensor, const Triangle &triangle);
  MaskContent constantTable(Value tensor);
  MaskContent sliced(nn::SliceOp op);
  MaskContent reshaped(nn::ReshapeOp op);
  MaskContent converted(nn::CastOp op);
  MaskContent sum(Operation *op, int sign);
  MaskContent compared(Operation *op);
  MaskContent comparedPositions(const Positions &x, const Positions &y,
                                Operation *op);
  MaskContent both(const Choice &x, const Choice &y, double shown,
                   double hidden);
  MaskContent either(const Choice &x, const Choice &y, double shown,
                     double hidden);
  MaskContent conjunction(Value x, Value y, bool isAnd);
  MaskContent product(Value x, Value y);
  MaskContent where(nn::WhereOp op);
  Choice flag(Value tensor);
  static std::optional<Choice> withShown(Choice choice, bool shown);
  static MaskContent mapped(Choice choice,
                            llvm::function_ref<double(double)> function);

  template <typename OpT, typename... Args>
  Value make(Location loc, Args &&...args) {
    OpBuilder &b = shapes.builder();
    auto op = OpT::create(b, loc, UnrankedTensorType::get(b.getF32Type()),
                          std::forward<Args>(args)...);
    (void)nn::refineResults(shapes, op);
    return op->getResult(0);
  }

  ShapeBuilder &shapes;
  DenseMap<Value, MaskContent> known;
};

} // namespace tw
