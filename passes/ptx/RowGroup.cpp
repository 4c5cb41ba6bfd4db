#include "passes/ptx/RowGroup.h"

#include "passes/ptx/LaneSums.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace tw;

static bool isMemory(Value value) { return isa<MemRefType>(value.getType()); }

static Value rootOf(Value memory) {
  while (auto view = memory.getDefiningOp<ViewLikeOpInterface>())
    memory = view.getViewSource();
  return memory;
}

bool tw::isOperandRead(linalg::LinalgOp op, OpOperand &operand) {
  return !op.isDpsInit(&operand) || op.getNumReductionLoops() ||
         op.payloadUsesValueFromOperand(&operand);
}

/// Elements beyond a row's end are computed too, from zeros.
static bool canComputeAnything(linalg::LinalgOp op) {
  return llvm::all_of(
      op.getBlock()->without_terminator(), [](Operation &inner) {
        return isa<linalg::IndexOp>(inner) || isSpeculatable(&inner);
      });
}

std::optional<RowKind> RowGroup::kindOf(linalg::LinalgOp op) const {
  auto types = op.getIteratorTypesArray();
  auto isParallel = [](utils::IteratorType type) {
    return type == utils::IteratorType::parallel;
  };
  if (types.size() == rowRank && llvm::all_of(types, isParallel))
    return RowKind::PerRow;
  if (types.size() != rowRank + columnRank ||
      !llvm::all_of(ArrayRef(types).take_front(rowRank), isParallel))
    return std::nullopt;
  auto columns = ArrayRef(types).drop_front(rowRank);
  if (llvm::all_of(columns, isParallel))
    return RowKind::Element;
  if (llvm::none_of(columns, isParallel) && sumCombiner(op))
    return RowKind::Sum;
  return std::nullopt;
}

bool RowGroup::isFull(OpOperand &operand, RowKind kind) const {
  auto op = cast<linalg::LinalgOp>(operand.getOwner());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  unsigned results = rowRank + (kind == RowKind::Element ? columnRank : 0);
  if (!isMemory(operand.get()) || map.getNumResults() != results)
    return false;
  return llvm::all_of(llvm::enumerate(map.getResults()), [&](auto place) {
    return place.value() == getAffineDimExpr(place.index(), map.getContext());
  });
}

/// Sizes are those of the group where a buffer in common says so, or the type.
bool RowGroup::hasSameSizes(linalg::LinalgOp op, RowKind kind) const {
  RowKind wanted = kind == RowKind::PerRow ? kind : RowKind::Element;
  const auto &known = kind == RowKind::PerRow ? perRow : full;
  return llvm::any_of(op->getOpOperands(), [&](OpOperand &operand) {
    if (!isFull(operand, wanted))
      return false;
    auto type = cast<MemRefType>(operand.get().getType());
    return known.contains(operand.get()) ||
           (type.hasStaticShape() && !known.empty() &&
            type.getShape() ==
                cast<MemRefType>(known.front().getType()).getShape());
  });
}

bool RowGroup::canJoin(linalg::LinalgOp op) const {
  std::optional<RowKind> kind = kindOf(op);
  if (!kind || !canComputeAnything(op) || !hasSameSizes(op, *kind))
    return false;
  RowKind written = *kind == RowKind::Element ? *kind : RowKind::PerRow;
  return llvm::all_of(op.getDpsInitsMutable(),
                      [&](OpOperand &init) { return isFull(init, written); });
}

void RowGroup::add(linalg::LinalgOp op, bool inFront) {
  ops.insert(inFront ? ops.begin() : ops.end(), op);
  for (OpOperand &operand : op->getOpOperands())
    if (isFull(operand, RowKind::Element))
      full.insert(operand.get());
    else if (isFull(operand, RowKind::PerRow))
      perRow.insert(operand.get());
}

/// Whether a row reads nothing that another row writes, and memory has one
/// name. A value per row is not read from memory that is written later: a
/// row's threads do not wait for each other.
bool RowGroup::keepsToRows() const {
  DenseMap<Value, Value> nameOf;
  for (linalg::LinalgOp op : ops)
    for (Value init : op.getDpsInits())
      if (nameOf.try_emplace(rootOf(init), init).first->second != init)
        return false;
  llvm::SmallPtrSet<Value, 8> current;
  for (linalg::LinalgOp op : ops) {
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isMemory(operand.get()) || !isOperandRead(op, operand))
        continue;
      Value name = nameOf.lookup(rootOf(operand.get()));
      if (!name)
        continue;
      bool isPerRow = isFull(operand, RowKind::PerRow);
      if (name != operand.get() ||
          !(isPerRow || isFull(operand, RowKind::Element)) ||
          (isPerRow && !current.contains(name)))
        return false;
    }
    for (Value init : op.getDpsInits())
      current.insert(init);
  }
  return true;
}

bool RowGroup::isStored(Value memory) const {
  Value root = rootOf(memory);
  if (!root.getDefiningOp<memref::AllocOp>())
    return true;
  SmallVector<Value> names{root};
  while (!names.empty())
    for (Operation *user : names.pop_back_val().getUsers()) {
      if (isa<ViewLikeOpInterface>(user))
        llvm::append_range(names, user->getResults());
      else if (!isa<memref::DeallocOp>(user) && !llvm::is_contained(ops, user))
        return true;
    }
  return false;
}

int64_t RowGroup::countLive() const {
  struct Interval {
    int64_t begin, end, registers;
  };
  SmallVector<Interval> intervals;
  DenseMap<Value, size_t> current;
  auto open = [&](Value memory, int64_t at) {
    unsigned bits = getElementTypeOrSelf(memory).getIntOrFloatBitWidth();
    current[memory] = intervals.size();
    intervals.push_back({at, at, bits > 32 ? 2 : 1});
  };
  for (auto [i, member] : llvm::enumerate(ops)) {
    linalg::LinalgOp op = member;
    auto at = static_cast<int64_t>(i);
    for (OpOperand &operand : op->getOpOperands())
      if (isFull(operand, RowKind::Element) && isOperandRead(op, operand)) {
        if (!current.contains(operand.get()))
          open(operand.get(), at);
        intervals[current[operand.get()]].end = at;
      }
    for (OpOperand &init : op.getDpsInitsMutable())
      if (isFull(init, RowKind::Element))
        open(init.get(), at);
  }
  int64_t most = 1;
  for (int64_t at = 0; at < static_cast<int64_t>(ops.size()); ++at) {
    int64_t live = 0;
    for (const Interval &interval : intervals)
      if (interval.begin <= at && at < interval.end)
        live += interval.registers;
    most = std::max(most, live);
  }
  return most;
}

std::optional<RowGroup> RowGroup::around(linalg::LinalgOp sum,
                                         ArrayRef<linalg::LinalgOp> run) {
  unsigned columns = sum.getNumReductionLoops();
  RowGroup group(sum, sum.getNumLoops() - columns, columns);
  auto isInput = [&](OpOperand *input) {
    return group.isFull(*input, RowKind::Element) &&
           cast<MemRefType>(input->get().getType()).getLayout().isIdentity();
  };
  if (!columns || group.kindOf(sum) != RowKind::Sum ||
      !canComputeAnything(sum) ||
      llvm::none_of(sum.getDpsInputOperands(), isInput))
    return std::nullopt;
  group.add(sum, /*inFront=*/false);
  size_t first = llvm::find(run, sum) - run.begin(), end = first + 1;
  auto tryAdd = [&](linalg::LinalgOp op, bool inFront) {
    if (!group.canJoin(op))
      return false;
    RowGroup larger = group;
    larger.add(op, inFront);
    if (larger.keepsToRows())
      group = larger;
    return group.ops.size() == larger.ops.size();
  };
  for (bool hasChanged = true; hasChanged;) {
    hasChanged = false;
    for (; first > 0 && tryAdd(run[first - 1], true); --first)
      hasChanged = true;
    for (; end < run.size() && tryAdd(run[end], false); ++end)
      hasChanged = true;
  }
  if (!group.keepsToRows())
    return std::nullopt;
  return group;
}
