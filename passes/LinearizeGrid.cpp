#include "passes/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LINEARIZEGRID
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// A block's time: a sixteenth of the whole between these, in nanoseconds.
constexpr int64_t kShortBlock = 5000, kLongBlock = 40000, kBlocks = 16;

/// A forall as part of the kernel's linear range of blocks.
struct Part {
  scf::ForallOp loop;
  Dims trips; ///< per dimension
  Dim total;  ///< trips in all
  Dim grain;  ///< trips per block
  Dim blocks;
  Dim cost; ///< of one trip
};

class Linearizer {
public:
  explicit Linearizer(func::FuncOp kernel)
      : kernel(kernel), b(kernel.getContext()) {}

  LogicalResult run() {
    for (auto loop : kernel.front().getOps<scf::ForallOp>())
      parts.push_back(describe(loop));
    bool isSplit = !hasEffectsOutsideParts() && !partsDepend();
    if (failed(makeGrid(isSplit)))
      return failure();
    addArguments();
    eraseCosts();
    if (isSplit)
      split();
    else
      runWhole();
    lowerWorkspaces();
    return success();
  }

private:
  /// Work on the kernel's own level is not split: one block does everything.
  bool hasEffectsOutsideParts() {
    if (parts.empty())
      return true;
    for (Operation &op : kernel.front().without_terminator())
      if (!isa<scf::ForallOp, tile::CostOp, memref::AllocaOp,
               tile::WorkspaceOp>(op) &&
          !isMemoryEffectFree(&op))
        return true;
    return false;
  }

  /// Whether one part may read what another writes. Threads take blocks in any
  /// order and each has temporaries of its own, so such a kernel is one block.
  bool partsDepend() {
    if (parts.size() < 2)
      return false;
    SmallVector<Value> memory;
    for (BlockArgument argument : kernel.getArguments())
      if (isa<MemRefType>(argument.getType()))
        memory.push_back(argument);
    for (Operation &op : kernel.front())
      if (isa<memref::AllocaOp, tile::WorkspaceOp>(op))
        memory.push_back(op.getResult(0));
    return llvm::any_of(memory, [&](Value m) { return isPassedOn(m); });
  }

  bool isPassedOn(Value memory) {
    llvm::SmallPtrSet<Operation *, 4> readers, writers;
    SmallVector<Value> names{memory};
    while (!names.empty()) {
      Value name = names.pop_back_val();
      for (Operation *user : name.getUsers()) {
        if (isa<ViewLikeOpInterface>(user)) {
          llvm::append_range(names, user->getResults());
          continue;
        }
        // An address as a number may be used anywhere.
        if (isa<memref::ExtractAlignedPointerAsIndexOp>(user))
          return true;
        noteAccess(user, name, readers, writers);
      }
    }
    return llvm::any_of(writers, [&](Operation *writer) {
      return llvm::any_of(readers, [&](Operation *r) { return r != writer; });
    });
  }

  void noteAccess(Operation *op, Value memory,
                  llvm::SmallPtrSetImpl<Operation *> &readers,
                  llvm::SmallPtrSetImpl<Operation *> &writers) {
    if (isMemoryEffectFree(op))
      return;
    Operation *part = kernel.front().findAncestorOpInBlock(*op);
    auto effects = dyn_cast<MemoryEffectOpInterface>(op);
    SmallVector<MemoryEffects::EffectInstance> found;
    if (effects)
      effects.getEffectsOnValue(memory, found);
    for (auto &effect : found)
      (isa<MemoryEffects::Write>(effect.getEffect()) ? writers : readers)
          .insert(part);
    if (found.empty()) {
      readers.insert(part);
      writers.insert(part);
    }
  }

  Part describe(scf::ForallOp loop) {
    b.setInsertionPoint(loop);
    ShapeBuilder shapes(b, loop.getLoc());
    Part part{loop, {}, shapes.constant(1), {}, {}, shapes.constant(1)};
    auto bounds =
        llvm::zip_equal(loop.getMixedLowerBound(), loop.getMixedUpperBound(),
                        loop.getMixedStep());
    for (auto [lower, upper, step] : bounds) {
      part.trips.push_back(shapes.max(
          shapes.ceilDiv(shapes.sub(upper, lower), step), shapes.constant(0)));
      part.total = shapes.mul(part.total, part.trips.back());
    }
    for (auto op : loop.getBody()->getOps<tile::CostOp>())
      part.cost = shapes.max(part.cost, getAsOpFoldResult(op.getNanoseconds()));
    Dim share = shapes.floorDiv(shapes.mul(part.total, part.cost),
                                shapes.constant(kBlocks));
    share = shapes.min(shapes.max(share, shapes.constant(kShortBlock)),
                       shapes.constant(kLongBlock));
    part.grain = shapes.ceilDiv(share, part.cost);
    part.blocks = shapes.ceilDiv(part.total, part.grain);
    return part;
  }

  /// Blocks, workspace bytes and cost of the whole kernel.
  SmallVector<Value> gridValues(bool isSplit) {
    b.setInsertionPoint(kernel.front().getTerminator());
    ShapeBuilder shapes(b, kernel.getLoc());
    Dim blocks = shapes.constant(isSplit ? 0 : 1), cost = shapes.constant(0),
        bytes = shapes.constant(0);
    for (auto op : kernel.front().getOps<tile::CostOp>())
      cost = shapes.add(cost, getAsOpFoldResult(op.getNanoseconds()));
    for (Part &part : parts) {
      cost = shapes.add(cost, shapes.mul(part.cost, part.total));
      if (isSplit)
        blocks = shapes.add(blocks, part.blocks);
    }
    kernel.walk([&](tile::WorkspaceOp op) {
      bytes = shapes.max(bytes, shapes.add(getAsOpFoldResult(op.getOffset()),
                                           getAsOpFoldResult(op.getSize())));
    });
    return {shapes.value(blocks), shapes.value(bytes), shapes.value(cost)};
  }

  /// NAME_grid: the arithmetic that leads to those values, and no more.
  LogicalResult makeGrid(bool isSplit) {
    SmallVector<Value> values = gridValues(isSplit);
    OpBuilder grid(kernel.getContext());
    grid.setInsertionPointAfter(kernel);
    SmallVector<Value> inputs;
    for (BlockArgument argument : kernel.getArguments())
      if (!isa<MemRefType>(argument.getType()))
        inputs.push_back(argument);
    SmallVector<Type> results(values.size(), grid.getIndexType());
    auto function = func::FuncOp::create(
        grid, kernel.getLoc(), (kernel.getName() + "_grid").str(),
        grid.getFunctionType(ValueRange(inputs).getTypes(), results));
    function->setAttr("tile.grid", b.getUnitAttr());
    Block *entry = function.addEntryBlock();
    grid.setInsertionPointToStart(entry);
    IRMapping mapping;
    mapping.map(inputs, entry->getArguments());
    for (Value &value : values) {
      if (failed(cloneInto(grid, value, mapping)))
        return failure();
      value = mapping.lookup(value);
    }
    func::ReturnOp::create(grid, kernel.getLoc(), values);
    return success();
  }

  LogicalResult cloneInto(OpBuilder &grid, Value value, IRMapping &mapping) {
    if (mapping.contains(value))
      return success();
    Operation *op = value.getDefiningOp();
    if (!op || !isMemoryEffectFree(op) || op->getNumRegions())
      return kernel.emitError("the number of blocks depends on memory");
    for (Value operand : op->getOperands())
      if (failed(cloneInto(grid, operand, mapping)))
        return failure();
    grid.clone(*op, mapping);
    return success();
  }

  void addArguments() {
    Location loc = kernel.getLoc();
    Block &entry = kernel.front();
    begin = entry.addArgument(b.getIndexType(), loc);
    end = entry.addArgument(b.getIndexType(), loc);
    workspace = entry.addArgument(MemRefType::get({}, b.getI8Type()), loc);
    SmallVector<Attribute> attrs;
    if (ArrayAttr old = kernel.getArgAttrsAttr())
      attrs.assign(old.begin(), old.end());
    attrs.resize(entry.getNumArguments() - 1, b.getDictionaryAttr({}));
    attrs.push_back(
        b.getDictionaryAttr(b.getNamedAttr("llvm.noalias", b.getUnitAttr())));
    kernel.setType(b.getFunctionType(entry.getArgumentTypes(), {}));
    kernel.setArgAttrsAttr(b.getArrayAttr(attrs));
  }

  void eraseCosts() {
    kernel.walk([](tile::CostOp op) { op.erase(); });
  }

  void split() {
    SmallVector<Part *> before;
    for (Part &part : parts) {
      toLoop(part, before);
      before.push_back(&part);
    }
  }

  /// Where the kernel's block number `block` is among the trips of `part`.
  Value localTrip(ShapeBuilder &shapes, Value block, Part &part,
                  ArrayRef<Part *> before) {
    Dim at = getAsOpFoldResult(block);
    for (Part *other : before)
      at = shapes.sub(at, other->blocks);
    at = shapes.max(at, shapes.constant(0));
    return shapes.value(shapes.min(shapes.mul(at, part.grain), part.total));
  }

  /// forall (i, j) in (n, m)  =>  for t = begin .. end { i, j = t / m, t % m }
  void toLoop(Part &part, ArrayRef<Part *> before) {
    Location loc = part.loop.getLoc();
    b.setInsertionPoint(part.loop);
    ShapeBuilder shapes(b, loc);
    Value from = localTrip(shapes, begin, part, before),
          to = localTrip(shapes, end, part, before);
    Value one = shapes.value(shapes.constant(1));
    auto loop = scf::ForOp::create(b, loc, from, to, one);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> indices = loopIndices(part, loop.getInductionVar(), loc);
    Block *body = part.loop.getBody();
    loop.getBody()->getOperations().splice(
        std::prev(loop.getBody()->end()), body->getOperations(), body->begin(),
        body->getTerminator()->getIterator());
    for (auto [old, index] :
         llvm::zip_equal(part.loop.getInductionVars(), indices))
      old.replaceAllUsesWith(index);
    part.loop.erase();
  }

  SmallVector<Value> loopIndices(Part &part, Value trip, Location loc) {
    ShapeBuilder inner(b, loc);
    SmallVector<Value> indices =
        nn::delinearize(inner, getAsOpFoldResult(trip), part.trips);
    auto bounds = llvm::zip_equal(indices, part.loop.getMixedLowerBound(),
                                  part.loop.getMixedStep());
    for (auto [index, lower, step] : bounds)
      index = inner.value(
          inner.add(inner.mul(getAsOpFoldResult(index), step), lower));
    return indices;
  }

  /// Everything runs if there is a block at all.
  void runWhole() {
    Block &entry = kernel.front();
    Operation *terminator = entry.getTerminator();
    b.setInsertionPointToStart(&entry);
    Location loc = kernel.getLoc();
    Value some =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, begin, end);
    auto guard = scf::IfOp::create(b, loc, some, /*withElseRegion=*/false);
    Block *body = guard.thenBlock();
    body->getOperations().splice(body->begin(), entry.getOperations(),
                                 std::next(guard->getIterator()),
                                 terminator->getIterator());
  }

  void lowerWorkspaces() {
    SmallVector<tile::WorkspaceOp> ops;
    kernel.walk([&](tile::WorkspaceOp op) { ops.push_back(op); });
    for (tile::WorkspaceOp op : ops) {
      b.setInsertionPoint(op);
      ShapeBuilder inner(b, op.getLoc());
      Dim end = inner.add(getAsOpFoldResult(op.getOffset()),
                          getAsOpFoldResult(op.getSize()));
      Value all = memref::ReinterpretCastOp::create(
          b, op.getLoc(),
          MemRefType::get({ShapedType::kDynamic}, b.getI8Type()), workspace,
          Dim(b.getIndexAttr(0)), Dims{getAsOpFoldResult(inner.value(end))},
          Dims{Dim(b.getIndexAttr(1))});
      Value view =
          memref::ViewOp::create(b, op.getLoc(), op.getType(), all,
                                 op.getOffset(), ValueRange(op.getSize()));
      op.replaceAllUsesWith(view);
      op.erase();
    }
  }

  func::FuncOp kernel;
  OpBuilder b;
  SmallVector<Part> parts;
  Value begin, end, workspace;
};

struct LinearizeGridPass : tw::impl::LinearizeGridBase<LinearizeGridPass> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> kernels(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp kernel : kernels)
      if (kernel->hasAttr("tile.kernel") && failed(Linearizer(kernel).run()))
        return signalPassFailure();
  }
};

} // namespace
