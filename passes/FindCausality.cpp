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
    if (op.getMask() && takeMask())
      return;
    if (op.getBias())
      takeBias();
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

  /// Whether it hides all keys after a query's own, for these queries and keys.
  bool isCausal(const Choice &c) {
    const Visible &v = c.visible;
    return v.last && equalSizes(v.queries, queries) &&
           equalSizes(v.keys, keys) &&
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
  void takeBias() {
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
      return;
    }
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
    Value offset = arith::IndexCastOp::create(b, op.getLoc(), b.getI64Type(),
                                              shapes.value(*visible.last));
    op.getOffsetsMutable().assign(
        tensor::FromElementsOp::create(b, op.getLoc(), offset).getResult());
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
