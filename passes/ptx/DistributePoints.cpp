#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_DISTRIBUTEPOINTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

bool isPoints(Operation *op) {
  return isa<scf::ForallOp>(op) && op->hasAttr(kPointsAttr);
}

bool hasPoints(Operation *op) {
  return op->walk([](scf::ForallOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

bool hasMemory(Operation *op) {
  return llvm::any_of(op->getResultTypes(), llvm::IsaPred<BaseMemRefType>);
}

bool mayWrite(Operation *op) {
  if (isa<memref::AllocaOp>(op))
    return false;
  WalkResult found = op->walk([](Operation *inner) {
    auto effects = dyn_cast<MemoryEffectOpInterface>(inner);
    if (effects ? effects.hasEffect<MemoryEffects::Write>()
                : !inner->hasTrait<OpTrait::HasRecursiveMemoryEffects>() &&
                      !isMemoryEffectFree(inner))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return found.wasInterrupted();
}

bool mayRead(Operation *op) {
  return !isMemoryEffectFree(op) && !isa<memref::AllocaOp>(op);
}

/// The code of one launch as a thread runs it.
class Distributor {
public:
  explicit Distributor(func::FuncOp part)
      : part(part), b(part.getContext()), loc(part.getLoc()),
        threads(part->getAttrOfType<IntegerAttr>(kThreadsAttr).getInt()) {}

  void run() {
    b.setInsertionPointToStart(&part.front());
    StringRef team = part->getAttrOfType<StringAttr>(kTeamAttr);
    if (team == "blocks")
      return openBlocks();
    thread = fromI32(NVVM::ThreadIdXOp::create(b, loc, b.getI32Type()));
    if (team == "block")
      return share(part.front());
    distributeOverGrid();
  }

private:
  void openBlocks() {
    Value block = fromI32(NVVM::BlockIdXOp::create(b, loc, b.getI32Type()));
    for (auto blocks :
         llvm::make_early_inc_range(part.front().getOps<scf::ForallOp>())) {
      b.setInsertionPoint(blocks);
      SmallVector<Value> indices = split(block, blocks.getMixedUpperBound());
      IRRewriter rewriter(b);
      rewriter.eraseOp(blocks.getTerminator());
      rewriter.inlineBlockBefore(blocks.getBody(), blocks, indices);
      blocks.erase();
    }
  }

  void distributeOverGrid() {
    Value block = fromI32(NVVM::BlockIdXOp::create(b, loc, b.getI32Type())),
          blocks = fromI32(NVVM::GridDimXOp::create(b, loc, b.getI32Type()));
    Value perBlock = index(threads);
    Value first = arith::AddIOp::create(
        b, loc, arith::MulIOp::create(b, loc, block, perBlock), thread);
    Value count = arith::MulIOp::create(b, loc, blocks, perBlock);
    for (auto points :
         llvm::make_early_inc_range(part.front().getOps<scf::ForallOp>()))
      distribute(points, first, count);
  }

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value fromI32(Value value) {
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value);
  }
  void barrier() { NVVM::Barrier0Op::create(b, loc); }

  /// forall (i, j) in (n, m) => for p = first to n * m step count
  void distribute(scf::ForallOp points, Value first, Value count) {
    b.setInsertionPoint(points);
    ShapeBuilder shapes(b, points.getLoc());
    Dims sizes = points.getMixedUpperBound();
    auto lanes = points->getAttrOfType<IntegerAttr>(kLanesAttr);
    Value total = shapes.value(shapes.mul(
        shapes.product(sizes), shapes.constant(lanes ? lanes.getInt() : 1)));
    auto loop = scf::ForOp::create(b, points.getLoc(), first, total, count);
    b.setInsertionPointToStart(loop.getBody());
    Value number = loop.getInductionVar();
    if (lanes)
      number = arith::DivUIOp::create(b, loc, number, index(lanes.getInt()));
    SmallVector<Value> indices = split(number, sizes);
    Block *body = points.getBody();
    loop.getBody()->getOperations().splice(
        std::prev(loop.getBody()->end()), body->getOperations(), body->begin(),
        body->getTerminator()->getIterator());
    for (auto [old, index] :
         llvm::zip_equal(points.getInductionVars(), indices))
      old.replaceAllUsesWith(index);
    points.erase();
  }

  /// Whether all numbers of points fit 32 bits, which divide faster.
  bool fitShort(ArrayRef<OpFoldResult> sizes) {
    int64_t total = 1;
    for (OpFoldResult size : sizes) {
      auto known = ShapeBuilder::known(size);
      if (!known || llvm::MulOverflow(total, *known, total))
        return false;
    }
    return total <= std::numeric_limits<int32_t>::max();
  }

  /// The indices of point number `at`, which is not negative.
  SmallVector<Value> split(Value at, ArrayRef<OpFoldResult> sizes) {
    if (sizes.size() < 2 || !fitShort(sizes))
      return splitIndex(at, sizes);
    Value number = arith::IndexCastUIOp::create(b, loc, b.getI32Type(), at);
    SmallVector<Value> indices = splitIndex(number, sizes);
    for (Value &index : indices)
      index = fromI32(index);
    return indices;
  }

  SmallVector<Value> splitIndex(Value at, ArrayRef<OpFoldResult> sizes) {
    ShapeBuilder shapes(b, loc);
    SmallVector<Value> indices(sizes.size());
    for (size_t i = sizes.size(); i-- > 1;) {
      Value size = shapes.value(sizes[i]);
      if (!at.getType().isIndex())
        size = b.createOrFold<arith::IndexCastUIOp>(loc, at.getType(), size);
      Value rest = arith::DivUIOp::create(b, loc, at, size);
      Value whole = arith::MulIOp::create(b, loc, rest, size);
      indices[i] = arith::SubIOp::create(b, loc, at, whole);
      at = rest;
    }
    if (!indices.empty())
      indices[0] = at;
    return indices;
  }

  /// Code that all threads of a block run together: points are shared, what
  /// writes otherwise is done by one thread. Barriers order what is written
  /// and read. `hasRead`: threads may have read memory since the last one.
  void share(Block &block) {
    bool hasRead = &block != &part.front();
    for (Operation *op = &block.front(); op;) {
      Operation *next = op->getNextNode();
      if (isPoints(op)) {
        if (hasRead)
          barrierBefore(op);
        distribute(cast<scf::ForallOp>(op), thread, index(threads));
        barrierBefore(next);
        hasRead = false;
      } else if (hasPoints(op) || (mayWrite(op) && hasMemory(op))) {
        for (Region &region : op->getRegions())
          for (Block &inner : region)
            share(inner);
        hasRead = true;
      } else if (mayWrite(op)) {
        next = endOfRun(op);
        if (hasRead)
          barrierBefore(op);
        hasRead = runAlone(op, next);
      } else {
        hasRead |= mayRead(op);
      }
      op = next;
    }
  }

  void barrierBefore(Operation *op) {
    b.setInsertionPoint(op);
    barrier();
  }

  /// The op after the ops from `first` on that one thread can run at once.
  Operation *endOfRun(Operation *first) {
    Operation *end = first->getNextNode();
    for (Operation *op = end;
         op && !hasPoints(op) && !(mayWrite(op) && hasMemory(op)) &&
         !op->hasTrait<OpTrait::IsTerminator>();
         op = op->getNextNode())
      if (mayWrite(op) && keepsMemory(first, op->getNextNode()))
        end = op->getNextNode();
    return end;
  }

  /// Whether no memref made in [first, end) is used outside.
  static bool keepsMemory(Operation *first, Operation *end) {
    for (Operation *op = first; op != end; op = op->getNextNode())
      if (hasMemory(op) && isUsedFrom(op, end))
        return false;
    return true;
  }

  /// Whether results of `op` are used at or after `end`, an op of its block.
  static bool isUsedFrom(Operation *op, Operation *end) {
    return llvm::any_of(op->getUsers(), [&](Operation *user) {
      Operation *place = op->getBlock()->findAncestorOpInBlock(*user);
      return place == end || end->isBeforeInBlock(place);
    });
  }

  /// Runs [first, end) on one thread; what is used afterwards goes through
  /// shared memory. Returns whether that was read after the last barrier.
  bool runAlone(Operation *first, Operation *end) {
    SmallVector<Operation *> ops;
    SmallVector<Value> results;
    for (Operation *op = first; op != end; op = op->getNextNode()) {
      ops.push_back(op);
      if (isUsedFrom(op, end))
        llvm::append_range(results, op->getResults());
    }
    b.setInsertionPoint(end);
    Value slots = results.empty() ? Value() : slotMemory(results.size());
    Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                          thread, index(0));
    auto guard = scf::IfOp::create(b, loc, isFirst, /*withElseRegion=*/false);
    for (Operation *op : ops)
      op->moveBefore(guard.thenBlock()->getTerminator());
    b.setInsertionPoint(guard.thenBlock()->getTerminator());
    for (auto [i, result] : llvm::enumerate(results))
      store(result, slots, i);
    b.setInsertionPoint(end);
    barrier();
    for (auto [i, result] : llvm::enumerate(results)) {
      Value loaded = load(result.getType(), slots, i);
      result.replaceUsesWithIf(loaded, [&](OpOperand &use) {
        return !guard->isAncestor(use.getOwner());
      });
    }
    return !results.empty();
  }

  /// Shared memory for `count` values of up to 64 bits.
  Value slotMemory(int64_t count) {
    auto module = part->getParentOfType<ModuleOp>();
    std::string name = (part.getName() + "_slots" + Twine(numSlots++)).str();
    auto space = b.getI64IntegerAttr(3);
    auto type = MemRefType::get({count}, b.getI64Type(), AffineMap(), space);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(module.getBody());
      memref::GlobalOp::create(b, loc, name, b.getStringAttr("private"), type,
                               b.getUnitAttr(), /*constant=*/false,
                               IntegerAttr());
    }
    return memref::GetGlobalOp::create(b, loc, type, name);
  }

  void store(Value value, Value slots, int64_t i) {
    Type i64 = b.getI64Type();
    if (value.getType().isIndex()) {
      value = arith::IndexCastOp::create(b, loc, i64, value);
    } else {
      auto integer = b.getIntegerType(value.getType().getIntOrFloatBitWidth());
      if (integer != value.getType())
        value = arith::BitcastOp::create(b, loc, integer, value);
      if (integer != i64)
        value = arith::ExtUIOp::create(b, loc, i64, value);
    }
    memref::StoreOp::create(b, loc, value, slots, index(i));
  }

  Value load(Type type, Value slots, int64_t i) {
    Value value = memref::LoadOp::create(b, loc, slots, index(i));
    if (type.isIndex())
      return arith::IndexCastOp::create(b, loc, type, value);
    auto integer = b.getIntegerType(type.getIntOrFloatBitWidth());
    if (integer != value.getType())
      value = arith::TruncIOp::create(b, loc, integer, value);
    if (integer != type)
      value = arith::BitcastOp::create(b, loc, type, value);
    return value;
  }

  func::FuncOp part;
  OpBuilder b;
  Location loc;
  int64_t threads;
  Value thread;
  int64_t numSlots = 0;
};

struct DistributePointsPass
    : tw::impl::DistributePointsBase<DistributePointsPass> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> parts(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp part : parts)
      if (part->hasAttr(kTeamAttr))
        Distributor(part).run();
  }
};

} // namespace
