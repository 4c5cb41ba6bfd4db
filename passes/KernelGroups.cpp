#include "passes/KernelGroups.h"

#include <optional>

using namespace tw;

namespace {
/// Larger groups gain nothing and cost compile time.
constexpr size_t kMaxOps = 48;

FusionKind kind(Operation *op) {
  return cast<FusionOpInterface>(op).getFusionKind();
}

class Grouper {
public:
  Grouper(Block &block, SameShape sameShape, bool joinsRows)
      : sameShape(sameShape), joinsRows(joinsRows) {
    for (Operation &op : block)
      if (isKernelOp(&op))
        place(&op);
  }

  SmallVector<KernelGroup> take() {
    SmallVector<KernelGroup> result;
    for (std::optional<KernelGroup> &group : groups)
      if (group)
        result.push_back(std::move(*group));
    llvm::sort(result, [](const KernelGroup &x, const KernelGroup &y) {
      return x.ops.back()->isBeforeInBlock(y.ops.back());
    });
    return result;
  }

private:
  /// Starts a group with `op`, or joins it with the groups of its operands.
  void place(Operation *op) {
    llvm::SmallSetVector<size_t, 4> joined = joinable(op);
    while (dropOneWithOutsideUse(op, joined)) {
    }
    KernelGroup group;
    for (size_t g : joined) {
      group.ops.insert_range(groups[g]->ops);
      group.root = group.root ? group.root : groups[g]->root;
      groups[g].reset();
    }
    if (isRoot(op))
      group.root = op;
    group.ops.insert(op);
    SmallVector<Operation *> ordered(group.ops.begin(), group.ops.end());
    llvm::sort(ordered, [](Operation *x, Operation *y) {
      return x->isBeforeInBlock(y);
    });
    group.ops = llvm::SetVector<Operation *>(ordered.begin(), ordered.end());
    for (Operation *member : group.ops)
      groupOf[member] = groups.size();
    groups.push_back(std::move(group));
  }

  static bool isRoot(Operation *op) {
    return kind(op) == FusionKind::Reduction ||
           kind(op) == FusionKind::Contraction;
  }

  /// The operands' groups that may be computed inside the same kernel as `op`.
  llvm::SmallSetVector<size_t, 4> joinable(Operation *op) {
    llvm::SmallSetVector<size_t, 4> result;
    Operation *root = isRoot(op) ? op : nullptr;
    size_t total = 1;
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      auto it = producer ? groupOf.find(producer) : groupOf.end();
      if (it == groupOf.end() || result.contains(it->second) ||
          !mayJoin(op, operand, *groups[it->second]))
        continue;
      const KernelGroup &group = *groups[it->second];
      if ((group.root && root && group.root != root) ||
          total + group.ops.size() > kMaxOps)
        continue;
      root = root ? root : group.root;
      total += group.ops.size();
      result.insert(it->second);
    }
    return result;
  }

  bool mayJoin(Operation *consumer, Value value, const KernelGroup &group) {
    Operation *producer = value.getDefiningOp();
    if (producer->getNumResults() != 1 || consumer->getNumResults() != 1)
      return false;
    switch (kind(consumer)) {
    case FusionKind::Elementwise:
      return kind(producer) != FusionKind::Opaque &&
             (sameShape(value, consumer->getResult(0)) ||
              (joinsRows && isPerRow(value, consumer->getResult(0), group)));
    case FusionKind::Reduction:
      return kind(producer) == FusionKind::Elementwise && !group.root;
    default:
      return false;
    }
  }

  /// Whether the group reduces innermost dims of what has `whole`'s shape to
  /// `value`, whose dims there are 1.
  bool isPerRow(Value value, Value whole, const KernelGroup &group) {
    if (!group.root || kind(group.root) != FusionKind::Reduction ||
        !sameShape(group.root->getOperand(0), whole))
      return false;
    auto from = cast<RankedTensorType>(group.root->getOperand(0).getType()),
         to = cast<RankedTensorType>(value.getType());
    if (from.getRank() != to.getRank() || from.getShape() == to.getShape())
      return false;
    auto [x, y] = std::mismatch(from.getShape().begin(), from.getShape().end(),
                                to.getShape().begin());
    return std::all_of(y, to.getShape().end(),
                       [](int64_t size) { return size == 1; });
  }

  /// A group whose values someone else needs cannot disappear into this kernel.
  bool dropOneWithOutsideUse(Operation *op,
                             llvm::SmallSetVector<size_t, 4> &joined) {
    for (size_t g : joined)
      for (Operation *member : groups[g]->ops)
        for (Operation *user : member->getUsers()) {
          auto it = groupOf.find(user);
          bool inside = user == op ||
                        (it != groupOf.end() && joined.contains(it->second));
          if (!inside) {
            joined.remove(g);
            return true;
          }
        }
    return false;
  }

  SameShape sameShape;
  bool joinsRows;
  SmallVector<std::optional<KernelGroup>> groups;
  DenseMap<Operation *, size_t> groupOf;
};

} // namespace

bool tw::isKernelOp(Operation *op) {
  auto fusion = dyn_cast<FusionOpInterface>(op);
  return fusion && fusion.getFusionKind() != FusionKind::View;
}

SmallVector<KernelGroup> tw::groupKernels(Block &block, SameShape sameShape,
                                          bool joinsRows) {
  return Grouper(block, sameShape, joinsRows).take();
}
