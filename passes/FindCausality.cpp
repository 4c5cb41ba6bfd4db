#include "passes/MaskReader.h"
#include "passes/Passes.h"

#include "dialects/interfaces/DimAlgebra.h"
#include "dialects/nn/Attention.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FINDCAUSALITY
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// One attention, and the causality in its mask or bias.
class CausalityFinder {
public:
  CausalityFinder(nn::AttentionOp op, ShapeBuilder &shapes, MaskReader &reader)
      : op(op), shapes(shapes), b(shapes.builder()), reader(reader) {
    queries = nn::headDims(shapes, op.getQ(), isTurned("q")).length;
    keys = nn::headDims(shapes, op.getK(), isTurned("k")).length;
  }

  void run() {
    if (op.getCausal() != "none" || op.getLengths() || op.getOffsets())
      return;
    if ((op.getMask() && takeMask()) || (op.getBias() && takeBias()))
      return;
    guardCausality();
  }

private:
  bool isTurned(StringRef name) {
    return nn::isInterleaved(op.getInterleaved(), name);
  }

  template <typename OpT, typename... Args>
  Value make(Args &&...args) {
    auto created =
        OpT::create(b, op.getLoc(), UnrankedTensorType::get(b.getF32Type()),
                    std::forward<Args>(args)...);
    (void)nn::refineResults(shapes, created);
    return created->getResult(0);
  }

  /// Whether a mask has a row or column for each of the scores', if it fits
  /// them at all: min(n, 64) is n where a table has 64.
  static bool fits(Dim size, Dim expected) {
    auto value = dyn_cast<Value>(size);
    auto limited = value ? value.getDefiningOp<arith::MinSIOp>() : nullptr;
    auto limit = limited ? getConstantIntValue(limited.getRhs()) : std::nullopt;
    // The only row of a table would be one for all.
    if (limit && *limit > 1)
      size = getAsOpFoldResult(limited.getLhs());
    return equalSizes(size, expected);
  }

  /// Whether it hides all keys after a query's own, for these queries and keys.
  bool isCausal(const Choice &c) {
    const Visible &v = c.visible;
    return v.last && fits(v.queries, queries) && fits(v.keys, keys) &&
           llvm::all_of(v.flags, [](const Visible::Flag &flag) {
             return ShapeBuilder::rank(flag.tensor) <= 4;
           });
  }

  /// Whether hiding by a number is hiding: where a query sees nothing else,
  /// numbers that are not infinite cancel out.
  bool hides(const Choice &c, double number, bool isAlone) {
    return number == -std::numeric_limits<double>::infinity() ||
           (number <= kHides && isAlone && c.visible.flags.empty() &&
            isSurelyNonNegative(*c.visible.last));
  }

  bool takeMask() {
    auto c = reader.choice(op.getMask());
    if (!c || c->shown != 1 || c->hidden != 0 || !isCausal(*c))
      return false;
    auto number = op.getMaskValue();
    if (number && !hides(*c, number->convertToDouble(), !op.getBias()))
      return false;
    op.getMaskMutable().clear();
    op.removeMaskValueAttr();
    op.setMaskLast(false);
    setVisible(c->visible);
    return true;
  }

  /// The summands of a bias; one that is causal is taken out.
  bool takeBias() {
    SmallVector<Value> summands;
    collect(op.getBias(), summands);
    bool isAlone = summands.size() == 1 && !op.getMask();
    for (auto *it = summands.begin(); it != summands.end(); ++it) {
      auto c = reader.choice(*it);
      bool isTaken =
          c && c->shown == 0 && isCausal(*c) && hides(*c, c->hidden, isAlone);
      // Another mask that hides by a number is not for flags to join.
      if (!isTaken || (op.getMaskValue() && !c->visible.flags.empty()))
        continue;
      summands.erase(it);
      op.getBiasMutable().clear();
      if (!summands.empty())
        op.getBiasMutable().assign(summed(summands));
      setVisible(c->visible);
      return true;
    }
    return false;
  }

  /// What masks and biases choose between, where each does nothing but hide,
  /// and none hides the first key for its position.
  std::optional<SmallVector<Choice>> hidingParts() {
    SmallVector<Choice> parts;
    auto number = op.getMaskValue();
    if (op.getMask()) {
      auto c = reader.choice(op.getMask());
      if (!c || c->shown != 1 || c->hidden != 0 ||
          (number && !(number->convertToDouble() <= kHides)))
        return std::nullopt;
      parts.push_back(*c);
    }
    SmallVector<Value> summands;
    if (op.getBias())
      collect(op.getBias(), summands);
    for (Value summand : summands) {
      auto c = reader.choice(summand);
      if (c && c->hidden == 0 && isOneFlag(c->visible)) {
        c->visible.flags[0].isNegated ^= true;
        std::swap(c->shown, c->hidden);
      }
      if (!c || c->shown != 0 || !(c->hidden <= kHides))
        return std::nullopt;
      parts.push_back(*c);
    }
    bool seesFirst = llvm::all_of(parts, [](const Choice &c) {
      return !c.visible.last || isSurelyNonNegative(*c.visible.last);
    });
    return seesFirst ? std::optional(parts) : std::nullopt;
  }

  static bool isOneFlag(const Visible &visible) {
    return !visible.last && visible.flags.size() == 1;
  }

  /// Where padding is hidden by a number, too, a query that sees nothing else
  /// weighs all keys. So masks stay as they are; but for sequences whose first
  /// key is there, which every query sees, later keys are skipped.
  void guardCausality() {
    auto parts = hidingParts();
    if (!parts)
      return;
    std::optional<Dim> last;
    SmallVector<Visible::Flag> flags;
    for (const Choice &part : *parts) {
      if (isCausal(part))
        last =
            last ? shapes.min(*last, *part.visible.last) : *part.visible.last;
      flags.append(part.visible.flags);
    }
    if (!last || flags.empty())
      return;
    op.getOffsetsMutable().assign(make<nn::WhereOp>(
        firstKeyIsThere(flags), nn::shapeTensor(b, op.getLoc(), {*last}),
        nn::shapeTensor(b, op.getLoc(), {keys})));
    op.setCausal("top_left");
  }

  /// Whether the first key of a batch is there for all queries and heads:
  /// [batch], or [1] for all batches.
  Value firstKeyIsThere(ArrayRef<Visible::Flag> flags) {
    Value all;
    for (const Visible::Flag &flag : flags) {
      Value tensor = flag.tensor;
      if (ShapeBuilder::rank(tensor) > 0)
        tensor = make<nn::GatherOp>(tensor, numbers({0}),
                                    b.getI64IntegerAttr(/*axis=*/-1));
      if (flag.isNegated)
        tensor = make<nn::NotOp>(tensor);
      Value least = leastPerBatch(
          make<nn::CastOp>(tensor, TypeAttr::get(b.getI64Type())));
      Value isThere = make<nn::CastOp>(least, TypeAttr::get(b.getI1Type()));
      all = all ? make<nn::AndOp>(all, isThere) : isThere;
    }
    return all;
  }

  Value leastPerBatch(Value tensor) {
    Dim batch = shapes.dim(op.getQ(), 0), one = shapes.constant(1);
    bool isPerBatch = ShapeBuilder::rank(tensor) == 4 &&
                      equalSizes(shapes.dim(tensor, 0), batch);
    Value axes = isPerBatch ? numbers({1, 2, 3}) : Value();
    Value least =
        make<nn::ReduceMinOp>(tensor, axes, b.getI64IntegerAttr(/*keepdims=*/0),
                              b.getI64IntegerAttr(/*noop_with_empty_axes=*/0));
    return isPerBatch
               ? least
               : make<nn::ReshapeOp>(least,
                                     nn::shapeTensor(b, op.getLoc(), {one}),
                                     /*allowzero=*/1);
  }

  Value numbers(ArrayRef<int64_t> values) {
    return nn::shapeTensor(b, op.getLoc(),
                           getAsIndexOpFoldResult(b.getContext(), values));
  }

  static void collect(Value bias, SmallVectorImpl<Value> &summands) {
    if (auto add = bias.getDefiningOp<nn::AddOp>()) {
      collect(add.getA(), summands);
      collect(add.getB(), summands);
      return;
    }
    summands.push_back(bias);
  }

  Value summed(ArrayRef<Value> summands) {
    Value sum = summands.front();
    for (Value next : summands.drop_front())
      sum = make<nn::AddOp>(sum, next);
    return withColumns(sum);
  }

  /// A last dim that is not known to be 1 or the number of keys is made the
  /// latter.
  Value withColumns(Value extra) {
    if (ShapeBuilder::rank(extra) == 0)
      return extra;
    Dim last = shapes.dim(extra, -1);
    if (ShapeBuilder::known(last) == 1 || ShapeBuilder::equal(last, keys))
      return extra;
    return make<nn::ExpandOp>(extra, nn::shapeTensor(b, op.getLoc(), {keys}));
  }

  void setVisible(const Visible &visible) {
    Value mask = op.getMask();
    for (const Visible::Flag &flag : visible.flags) {
      Value tensor = withColumns(flag.tensor);
      if (flag.isNegated)
        tensor = make<nn::NotOp>(tensor);
      mask = mask ? make<nn::AndOp>(mask, tensor) : tensor;
    }
    if (mask)
      op.getMaskMutable().assign(mask);
    // A query that stands at the last key sees all.
    auto last = ShapeBuilder::known(*visible.last),
         count = ShapeBuilder::known(keys);
    if (last && count && *last >= *count - 1)
      return;
    op.setCausal("top_left");
    if (last == 0)
      return;
    op.getOffsetsMutable().assign(
        nn::shapeTensor(b, op.getLoc(), {*visible.last}));
  }

  nn::AttentionOp op;
  ShapeBuilder &shapes;
  OpBuilder &b;
  MaskReader &reader;
  Dim queries, keys;
};

struct FindCausalityPass : tw::impl::FindCausalityBase<FindCausalityPass> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody())
      run(block);
  }

  void run(Block &block) {
    if (block.getOps<nn::AttentionOp>().empty())
      return;
    OpBuilder b(&getContext());
    // Remembers every tensor's dims, so that equal ones are known to be.
    ShapeBuilder shapes(b, block.getParentOp()->getLoc());
    MaskReader reader(shapes);
    for (Operation &op : llvm::make_early_inc_range(block)) {
      b.setInsertionPoint(&op);
      if (failed(nn::refineResults(shapes, &op)))
        return signalPassFailure();
      if (auto attention = dyn_cast<nn::AttentionOp>(op))
        CausalityFinder(attention, shapes, reader).run();
    }
  }
};

} // namespace
