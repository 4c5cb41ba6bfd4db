#include "passes/KernelParts.h"
#include "passes/Passes.h"
#include "runtime/host.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

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
    bool isSplit = findPhases();
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
  /// Describes the parts and where phases end; false where one block must do
  /// everything.
  bool findPhases() {
    auto foralls = [&] { return kernel.front().getOps<scf::ForallOp>(); };
    if (foralls().empty() || !wrapSerialParts(kernel))
      return false;
    SmallVector<scf::ForallOp> loops(foralls());
    PartAccesses accesses(kernel);
    if (loops.size() > 1 && !accesses.areKnown())
      return false;
    bool ordered = dependOnEachOther(loops, accesses);
    size_t begin = 0;
    for (auto [i, loop] : llvm::enumerate(loops)) {
      auto inPhase = ArrayRef(loops).slice(begin, i - begin);
      if (llvm::any_of(inPhase, [&](scf::ForallOp earlier) {
            return accesses.depend(earlier, loop, ordered);
          }))
        phases.push_back(begin = i);
      parts.push_back(describe(loop));
    }
    phases.push_back(loops.size());
    shareTemporaries(accesses);
    return phases.size() <= TW_PHASES;
  }

  /// Pieces of one result, which nobody reads, are written to different places.
  static bool dependOnEachOther(ArrayRef<scf::ForallOp> loops,
                                const PartAccesses &accesses) {
    for (auto [i, later] : llvm::enumerate(loops))
      for (scf::ForallOp earlier : loops.take_front(i))
        if (accesses.depend(earlier, later, /*ordered=*/false))
          return true;
    return false;
  }

  /// What one part writes and another reads must not be a thread's own.
  void shareTemporaries(const PartAccesses &accesses) {
    SmallVector<memref::AllocaOp> allocas;
    SmallVector<tile::WorkspaceOp> workspaces;
    for (Operation *temporary : accesses.sharedTemporaries())
      if (auto alloca = dyn_cast<memref::AllocaOp>(temporary))
        allocas.push_back(alloca);
      else
        workspaces.push_back(cast<tile::WorkspaceOp>(temporary));
    int64_t bytes = 0;
    for (memref::AllocaOp op : allocas)
      bytes = toWorkspace(op, bytes);
    for (tile::WorkspaceOp op : workspaces) {
      b.setInsertionPoint(op);
      ShapeBuilder shapes(b, op.getLoc());
      op.setShared(true);
      op.getOffsetMutable().assign(shapes.value(shapes.add(
          getAsOpFoldResult(op.getOffset()), shapes.constant(bytes))));
    }
  }

  /// Memory of the launch at `offset`, for memory of the thread's stack.
  /// Returns where it ends.
  int64_t toWorkspace(memref::AllocaOp op, int64_t offset) {
    b.setInsertionPoint(op);
    ShapeBuilder shapes(b, op.getLoc());
    MemRefType type = op.getType();
    auto layout = DataLayout::closest(op);
    int64_t bytes = llvm::alignTo(
        type.getNumElements() * layout.getTypeSize(type.getElementType()), 64);
    Value memory = tile::WorkspaceOp::create(
        b, op.getLoc(), MemRefType::get({ShapedType::kDynamic}, b.getI8Type()),
        shapes.value(shapes.constant(offset)),
        shapes.value(shapes.constant(bytes)), /*shared=*/true);
    Value zero = shapes.value(shapes.constant(0));
    auto view = memref::ViewOp::create(b, op.getLoc(), type, memory, zero,
                                       ValueRange());
    op.replaceAllUsesWith(view.getResult());
    op.erase();
    return offset + bytes;
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
    for (auto op : loop.getBody()->getOps<tile::CostOp>()) {
      Dim cost = getAsOpFoldResult(op.getNanoseconds());
      part.cost = loop->hasAttr(kSerialAttr) ? shapes.add(part.cost, cost)
                                             : shapes.max(part.cost, cost);
    }
    Dim share = shapes.floorDiv(shapes.mul(part.total, part.cost),
                                shapes.constant(kBlocks));
    share = shapes.min(shapes.max(share, shapes.constant(kShortBlock)),
                       shapes.constant(kLongBlock));
    part.grain = shapes.ceilDiv(share, part.cost);
    part.blocks = shapes.ceilDiv(part.total, part.grain);
    return part;
  }

  /// The fields of tw_grid, as far as this kernel has phases.
  SmallVector<Value> gridValues(bool isSplit) {
    b.setInsertionPoint(kernel.front().getTerminator());
    ShapeBuilder shapes(b, kernel.getLoc());
    Dim bytes[2] = {shapes.constant(0), shapes.constant(0)};
    kernel.walk([&](tile::WorkspaceOp op) {
      Dim &most = bytes[op.getShared()];
      most = shapes.max(most, shapes.add(getAsOpFoldResult(op.getOffset()),
                                         getAsOpFoldResult(op.getSize())));
    });
    int64_t count = isSplit ? phases.size() : 1;
    Dims values{bytes[0], bytes[1], shapes.constant(count)};
    if (isSplit)
      appendPhases(shapes, values);
    else
      values.append({shapes.constant(1), wholeCost(shapes)});
    return llvm::map_to_vector(values, [&](Dim d) { return shapes.value(d); });
  }

  void appendPhases(ShapeBuilder &shapes, Dims &values) {
    ArrayRef<Part> rest(parts);
    size_t begin = 0;
    for (size_t end : phases) {
      Dim blocks = shapes.constant(0), cost = shapes.constant(0);
      for (const Part &part : rest.slice(begin, end - begin)) {
        blocks = shapes.add(blocks, part.blocks);
        cost = shapes.add(cost, shapes.mul(part.cost, part.total));
      }
      values.append({blocks, cost});
      begin = end;
    }
  }

  Dim wholeCost(ShapeBuilder &shapes) {
    SmallVector<Part> all;
    for (auto loop : kernel.front().getOps<scf::ForallOp>())
      all.push_back(describe(loop));
    b.setInsertionPoint(kernel.front().getTerminator());
    Dim cost = shapes.constant(0);
    for (auto op : kernel.front().getOps<tile::CostOp>())
      cost = shapes.add(cost, getAsOpFoldResult(op.getNanoseconds()));
    for (const Part &part : all)
      cost = shapes.add(cost, shapes.mul(part.cost, part.total));
    return cost;
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
    auto memory = MemRefType::get({}, b.getI8Type());
    workspace = entry.addArgument(memory, loc);
    shared = entry.addArgument(memory, loc);
    SmallVector<Attribute> attrs;
    if (ArrayAttr old = kernel.getArgAttrsAttr())
      attrs.assign(old.begin(), old.end());
    attrs.resize(entry.getNumArguments() - 2, b.getDictionaryAttr({}));
    attrs.append(2, b.getDictionaryAttr(
                        b.getNamedAttr("llvm.noalias", b.getUnitAttr())));
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
          MemRefType::get({ShapedType::kDynamic}, b.getI8Type()),
          op.getShared() ? shared : workspace, Dim(b.getIndexAttr(0)),
          Dims{getAsOpFoldResult(inner.value(end))},
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
  SmallVector<size_t> phases; ///< where each ends in `parts`
  Value begin, end, workspace, shared;
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
