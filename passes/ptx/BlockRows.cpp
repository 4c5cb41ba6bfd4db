#include "passes/Passes.h"
#include "passes/ptx/RowEmitter.h"
#include "passes/ptx/ThreadEmitter.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BLOCKROWS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// The columns of the group's rows; nothing where they are known at run time
/// only.
std::optional<int64_t> columnsOf(const RowGroup &group) {
  linalg::LinalgOp sum = group.getSum();
  SmallVector<int64_t> sizes = sum.getStaticLoopRanges();
  int64_t columns = 1;
  for (int64_t size : ArrayRef(sizes).drop_front(group.getRowRank())) {
    if (ShapedType::isDynamic(size))
      return std::nullopt;
    columns *= size;
  }
  return columns;
}

void eraseGroup(const RowGroup &group) {
  llvm::SmallSetVector<Operation *, 8> memory;
  for (linalg::LinalgOp op : group.getOps()) {
    for (Value init : op.getDpsInits())
      if (auto alloc = init.getDefiningOp<memref::AllocOp>())
        memory.insert(alloc);
    op->erase();
  }
  for (Operation *alloc : memory)
    if (alloc->use_empty())
      alloc->erase();
}

/// What the group's memory is made of comes before all of its ops.
void hoistMemory(const RowGroup &group) {
  Operation *first = group.getOps().front(), *last = group.getOps().back();
  for (Operation *op = first; op != last;) {
    Operation *next = op->getNextNode();
    if (!isa<linalg::LinalgOp, memref::DeallocOp>(op))
      op->moveBefore(first);
    op = next;
  }
}

void form(OpBuilder &b, const RowGroup &group) {
  hoistMemory(group);
  b.setInsertionPoint(group.getOps().front());
  auto columns = columnsOf(group);
  SmallVector<RowShape> shapes =
      columns ? SmallVector<RowShape>{chooseRowShape(
                    group, std::max<int64_t>(*columns, 1))}
              : chooseRowShapes(group);
  int64_t above = -1; // Rows without columns have sums, too.
  for (const RowShape &shape : shapes) {
    b.setInsertionPoint(group.getOps().front());
    emitRows(b, group, shape, above);
    above = shape.capacity();
  }
  eraseGroup(group);
}

/// Linalg ops with nothing between them that writes.
SmallVector<SmallVector<linalg::LinalgOp>> findRuns(Block &block) {
  SmallVector<SmallVector<linalg::LinalgOp>> runs(1);
  for (Operation &op : block.without_terminator()) {
    if (auto onBuffers = dyn_cast<linalg::LinalgOp>(op))
      runs.back().push_back(onBuffers);
    else if (!isMemoryEffectFree(&op) &&
             !isa<memref::AllocOp, memref::DeallocOp>(op))
      runs.emplace_back();
  }
  return runs;
}

void formGroups(OpBuilder &b, SmallVector<linalg::LinalgOp> run) {
  while (true) {
    auto sum = llvm::find_if(
        run, [](linalg::LinalgOp op) { return op.getNumReductionLoops() > 0; });
    if (sum == run.end())
      return;
    size_t next = sum - run.begin() + 1;
    if (auto group = RowGroup::around(*sum, run)) {
      linalg::LinalgOp last = group->getOps().back();
      next = llvm::find(run, last) - run.begin() + 1;
      form(b, *group);
    }
    run.erase(run.begin(), run.begin() + next);
  }
}

struct BlockRowsPass : tw::impl::BlockRowsBase<BlockRowsPass> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    for (auto kernel : getOperation().getOps<func::FuncOp>()) {
      if (kernel.isExternal() || !kernel->hasAttr("tile.kernel"))
        continue;
      for (auto &run : findRuns(kernel.front()))
        formGroups(b, run);
    }
    bool isShared = getOperation()
                        .walk([](LLVM::AddressOfOp op) {
                          return op.getGlobalName() == kSharedMemory
                                     ? WalkResult::interrupt()
                                     : WalkResult::advance();
                        })
                        .wasInterrupted();
    if (isShared)
      declareSharedMemory(getOperation());
  }
};

} // namespace
