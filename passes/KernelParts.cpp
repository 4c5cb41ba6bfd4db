#include "passes/KernelParts.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace tw;

//===----------------------------------------------------------------------===//
// Serial parts
//===----------------------------------------------------------------------===//

namespace {

/// Ops that run one after the other, in one part.
using Run = llvm::SmallSetVector<Operation *, 8>;

bool isSerial(Operation &op) {
  return !isa<scf::ForallOp, memref::AllocaOp, tile::WorkspaceOp>(op) &&
         (isa<tile::CostOp>(op) || !isMemoryEffectFree(&op));
}

bool usesResultOf(Operation &op, const Run &run) {
  return llvm::any_of(op.getOperands(), [&](Value operand) {
    return run.contains(operand.getDefiningOp());
  });
}

/// The runs between foralls, with what else computes from their values.
SmallVector<Run> collectRuns(Block &block) {
  SmallVector<Run> runs(1);
  for (Operation &op : block.without_terminator()) {
    if (isa<scf::ForallOp>(op))
      runs.emplace_back();
    else if (isSerial(op) || usesResultOf(op, runs.back()))
      runs.back().insert(&op);
  }
  llvm::erase_if(runs, [](const Run &run) { return run.empty(); });
  return runs;
}

bool isUsedOutside(Block &block, const Run &run) {
  return llvm::any_of(run, [&](Operation *op) {
    return llvm::any_of(op->getUsers(), [&](Operation *user) {
      return !run.contains(block.findAncestorOpInBlock(*user));
    });
  });
}

void wrap(const Run &run) {
  Operation *last = run.back();
  OpBuilder b(last);
  auto part = scf::ForallOp::create(b, last->getLoc(),
                                    ArrayRef<OpFoldResult>(b.getIndexAttr(1)),
                                    ValueRange(), std::nullopt);
  part->setAttr(kSerialAttr, b.getUnitAttr());
  for (Operation *op : run)
    op->moveBefore(part.getTerminator());
}

} // namespace

bool tw::wrapSerialParts(func::FuncOp kernel) {
  Block &block = kernel.front();
  SmallVector<Run> runs = collectRuns(block);
  if (llvm::any_of(runs,
                   [&](const Run &run) { return isUsedOutside(block, run); }))
    return false;
  for (const Run &run : runs)
    wrap(run);
  return true;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

PartAccesses::PartAccesses(func::FuncOp kernel) : kernel(kernel) {
  for (BlockArgument argument : kernel.getArguments())
    if (isa<MemRefType>(argument.getType()))
      collect(argument);
  for (Operation &op : kernel.front())
    if (isa<memref::AllocaOp, tile::WorkspaceOp>(op))
      collect(op.getResult(0));
}

void PartAccesses::collect(Value memory) {
  SmallVector<Value> names{memory};
  Users &users = accesses[memory];
  while (!names.empty()) {
    Value name = names.pop_back_val();
    for (Operation *user : name.getUsers()) {
      if (isa<ViewLikeOpInterface>(user))
        llvm::append_range(names, user->getResults());
      else
        note(user, name, users);
    }
  }
}

void PartAccesses::note(Operation *user, Value memory, Users &users) {
  Operation *part = kernel.front().findAncestorOpInBlock(*user);
  // What is done at an address is not seen.
  if (isa<memref::ExtractAlignedPointerAsIndexOp>(user)) {
    known &= part != user;
    users[part] = {true, true};
    return;
  }
  if (isMemoryEffectFree(user))
    return;
  SmallVector<MemoryEffects::EffectInstance> effects;
  if (auto op = dyn_cast<MemoryEffectOpInterface>(user))
    op.getEffectsOnValue(memory, effects);
  Access &access = users[part];
  access.reads |= effects.empty();
  access.writes |= effects.empty();
  for (auto &effect : effects)
    (isa<MemoryEffects::Write>(effect.getEffect()) ? access.writes
                                                   : access.reads) = true;
}

bool PartAccesses::depend(scf::ForallOp earlier, scf::ForallOp later,
                          bool ordered) const {
  ordered |= earlier->hasAttr(kSerialAttr) || later->hasAttr(kSerialAttr);
  return llvm::any_of(accesses, [&](const auto &entry) {
    Access x = entry.second.lookup(earlier), y = entry.second.lookup(later);
    return (x.writes && y.reads) || (x.reads && y.writes) ||
           (ordered && x.writes && y.writes);
  });
}

SmallVector<Operation *> PartAccesses::sharedTemporaries() const {
  SmallVector<Operation *> shared;
  for (auto &[memory, users] : accesses)
    if (memory.getDefiningOp() && users.size() > 1)
      shared.push_back(memory.getDefiningOp());
  return shared;
}
