#include "passes/KernelGroups.h"

#include <optional>

using namespace tw;

namespace {
/// Larger groups gain nothing and cost compile time.
constexpr size_t kMaxOps = 48;

FusionKind kind(Operation *op) {
  return cast<FusionOpInterface>(op).getFusionKind();
}

bool isOneOf(Operation *op, std::initializer_list<FusionKind> kinds) {
  return llvm::is_contained(kinds, kind(op));
}

class Grouper {
public:
  Grouper(Block &block, SameShape sameShape, int64_t rowElements)
      : sameShape(sameShape), rowElements(rowElements) {
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
  using Candidates = llvm::SmallSetVector<size_t, 4>;

  /// Starts a group with `op`, or joins it with the groups of its operands.
  void place(Operation *op) {
    KernelGroup group;
    for (size_t g : joinable(op))
      merge(group, g);
    if (isRoot(op))
      group.root = op;
    add(group, op);
    while (mergeShared(group)) {
    }
    SmallVector<Operation *> ordered(group.ops.begin(), group.ops.end());
    llvm::sort(ordered, [](Operation *x, Operation *y) {
      return x->isBeforeInBlock(y);
    });
    group.ops = llvm::SetVector<Operation *>(ordered.begin(), ordered.end());
    groups.push_back(std::move(group));
  }

  void add(KernelGroup &group, Operation *op) {
    group.ops.insert(op);
    groupOf[op] = groups.size();
  }

  /// Moves the ops of group `g` to the one that is being made.
  void merge(KernelGroup &group, size_t g) {
    for (Operation *op : groups[g]->ops)
      add(group, op);
    group.root = group.root ? group.root : groups[g]->root;
    groups[g].reset();
  }

  static bool isRoot(Operation *op) {
    return isOneOf(op, {FusionKind::Reduction, FusionKind::Contraction,
                        FusionKind::Parts});
  }

  static bool isProduct(const KernelGroup &group) {
    return group.root && kind(group.root) == FusionKind::Contraction;
  }

  /// Whether one kernel may have both roots, either of which may be none.
  static bool fit(Operation *x, Operation *y) {
    return !x || !y || x == y ||
           (kind(x) == FusionKind::Parts && kind(y) == FusionKind::Parts);
  }

  /// The operands' groups that are computed inside the same kernel as `op`.
  Candidates joinable(Operation *op) {
    Candidates candidates;
    for (Value operand : op->getOperands())
      if (std::optional<size_t> g = groupMaking(operand);
          g && mayJoin(op, operand, *groups[*g]))
        candidates.insert(*g);
    // What cannot disappear must not keep out what could.
    while (dropOneWithOutsideUse(op, candidates)) {
    }
    for (;;) {
      Candidates chosen = choose(op, candidates), kept = chosen;
      if (!dropOneWithOutsideUse(op, kept))
        return chosen;
      candidates.remove_if(
          [&](size_t g) { return chosen.contains(g) && !kept.contains(g); });
    }
  }

  /// Those that fit each other; a product first, which in memory costs most.
  Candidates choose(Operation *op, const Candidates &candidates) {
    SmallVector<size_t> ordered(candidates.begin(), candidates.end());
    if (auto *product = llvm::find_if(
            ordered, [&](size_t g) { return isProduct(*groups[g]); });
        product != ordered.end())
      std::rotate(ordered.begin(), product, product + 1);
    Candidates result;
    Operation *root = isRoot(op) ? op : nullptr;
    size_t total = 1;
    for (size_t g : ordered) {
      const KernelGroup &group = *groups[g];
      if (!fit(group.root, root) || total + group.ops.size() > kMaxOps)
        continue;
      root = root ? root : group.root;
      total += group.ops.size();
      result.insert(g);
    }
    return result;
  }

  std::optional<size_t> groupMaking(Value value) const {
    Operation *producer = value.getDefiningOp();
    auto it = producer ? groupOf.find(producer) : groupOf.end();
    return it == groupOf.end() ? std::nullopt : std::optional(it->second);
  }

  bool mayJoin(Operation *consumer, Value value, const KernelGroup &group) {
    Operation *producer = value.getDefiningOp();
    if (producer->getNumResults() != 1 || consumer->getNumResults() != 1)
      return false;
    switch (kind(consumer)) {
    case FusionKind::Elementwise:
      return kind(producer) != FusionKind::Opaque &&
             (sameShape(value, consumer->getResult(0)) ||
              isPerRow(value, consumer->getResult(0), group));
    case FusionKind::Reduction:
      return kind(producer) == FusionKind::Elementwise && !group.root;
    case FusionKind::Strided:
      return !group.root &&
             isOneOf(producer, {FusionKind::Elementwise, FusionKind::Strided});
    case FusionKind::Parts:
      return fit(group.root, consumer) &&
             isOneOf(producer, {FusionKind::Elementwise, FusionKind::Strided,
                                FusionKind::Parts});
    default:
      return false;
    }
  }

  /// Takes in a group that several ops of `group`, and nobody else, read. True
  /// if there was one.
  bool mergeShared(KernelGroup &group) {
    for (Operation *op : group.ops)
      for (Value operand : op->getOperands())
        if (std::optional<size_t> g = groupMaking(operand);
            g && *g != groups.size() && isSharedIn(group, *g)) {
          merge(group, *g);
          return true;
        }
    return false;
  }

  /// What only moves elements is computed for each op that reads it, all else
  /// once, for elementwise ops.
  bool isSharedIn(const KernelGroup &group, size_t g) {
    const llvm::SetVector<Operation *> &shared = groups[g]->ops;
    Operation *last = shared.back();
    bool onlyMoves = llvm::all_of(
        shared, [](Operation *op) { return kind(op) == FusionKind::Strided; });
    return group.ops.size() + shared.size() <= kMaxOps &&
           fit(groups[g]->root, group.root) &&
           llvm::all_of(last->getUsers(), [&](Operation *user) {
             return group.ops.contains(user) &&
                    (onlyMoves || kind(user) == FusionKind::Elementwise) &&
                    mayJoin(user, last->getResult(0), *groups[g]);
           });
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
    return isShortRow({x, from.getShape().end()}) &&
           std::all_of(y, to.getShape().end(),
                       [](int64_t size) { return size == 1; });
  }

  bool isShortRow(ArrayRef<int64_t> sizes) const {
    return rowElements == kAnyRow ||
           (!ShapedType::isDynamicShape(sizes) &&
            ShapedType::getNumElements(sizes) <= rowElements);
  }

  /// A group whose values someone else needs cannot disappear into this kernel.
  bool dropOneWithOutsideUse(Operation *op, Candidates &joined) {
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
  int64_t rowElements;
  SmallVector<std::optional<KernelGroup>> groups;
  DenseMap<Operation *, size_t> groupOf;
};

} // namespace

bool tw::isKernelOp(Operation *op) {
  auto fusion = dyn_cast<FusionOpInterface>(op);
  return fusion && fusion.getFusionKind() != FusionKind::View;
}

SmallVector<KernelGroup> tw::groupKernels(Block &block, SameShape sameShape,
                                          int64_t rowElements) {
  return Grouper(block, sameShape, rowElements).take();
}
