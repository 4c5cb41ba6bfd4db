#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_SPLITPARTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

constexpr int64_t kThreads = 256, kWarp = 32;
/// Blocks of a grid at most: a few waves on the largest device. More points
/// than that has threads are taken in turns.
constexpr int64_t kMaxBlocks = 4096;

/// One launch: points shared by a grid, or anything done by one block.
struct Part {
  SmallVector<Operation *> ops;
  scf::ForallOp points; ///< null: one block

  /// Whether trips are blocks of threads and not single points.
  bool isBlocks() { return points && points->hasAttr(kThreadsAttr); }
};

int64_t numberOf(Operation *op, StringRef name) {
  auto number = op->getAttrOfType<IntegerAttr>(name);
  return number ? number.getInt() : 0;
}

/// The values that an op reads, also inside of its regions.
void usedValues(Operation *op, llvm::SetVector<Value> &values) {
  values.insert(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), values);
}

class Splitter {
public:
  explicit Splitter(func::FuncOp kernel)
      : kernel(kernel), entry(&kernel.front()), b(kernel.getContext()),
        loc(kernel.getLoc()) {}

  LogicalResult run() {
    findWritten();
    for (Operation &op : kernel.front().without_terminator())
      if (!isCloneable(&op))
        add(&op);
    if (failed(makeGrid()))
      return failure();
    for (auto [i, part] : llvm::enumerate(parts))
      makeFunction(i, part);
    kernel.erase();
    return success();
  }

private:
  /// Arguments that something in the kernel may write to.
  void findWritten() {
    for (BlockArgument argument : kernel.getArguments())
      if (isa<MemRefType>(argument.getType()) && mayBeWritten(argument))
        written.insert(argument);
  }

  static bool mayBeWritten(Value memory) {
    SmallVector<Value> names{memory};
    while (!names.empty()) {
      Value name = names.pop_back_val();
      for (Operation *user : name.getUsers()) {
        if (isa<ViewLikeOpInterface>(user)) {
          llvm::append_range(names, user->getResults());
          continue;
        }
        auto effects = dyn_cast<MemoryEffectOpInterface>(user);
        if (!effects || effects.getEffectOnValue<MemoryEffects::Write>(name))
          return true;
      }
    }
    return false;
  }

  bool isReadOnly(Value memory) const {
    while (auto view = memory.getDefiningOp<ViewLikeOpInterface>())
      memory = view.getViewSource();
    auto argument = dyn_cast<BlockArgument>(memory);
    return argument && argument.getOwner() == entry &&
           !written.contains(argument);
  }

  /// Whether every part may compute the op for itself.
  bool isCloneable(Operation *op) const {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      return isReadOnly(load.getMemRef());
    return isa<memref::AllocaOp, tile::WorkspaceOp, tile::CostOp>(op) ||
           isMemoryEffectFree(op);
  }

  size_t partOf(Operation *op) const {
    return llvm::find_if(parts,
                         [&](const Part &part) {
                           return llvm::is_contained(part.ops, op);
                         }) -
           parts.begin();
  }

  /// Values stay inside of a part: an op that needs one of an earlier part is
  /// done by the same block as that, and all that lies between.
  void add(Operation *op) {
    if (size_t first = firstNeededPart(op); first < parts.size()) {
      Part merged;
      for (Part &part : MutableArrayRef(parts).drop_front(first))
        llvm::append_range(merged.ops, part.ops);
      parts.resize(first);
      merged.ops.push_back(op);
      parts.push_back(std::move(merged));
      return;
    }
    auto points = dyn_cast<scf::ForallOp>(op);
    bool isShared = points && (points->hasAttr(kPointsAttr) ||
                               points->hasAttr(kThreadsAttr));
    if (isShared && hasKnownSize(points))
      parts.push_back({{op}, points});
    else if (!parts.empty() && !parts.back().points)
      parts.back().ops.push_back(op);
    else
      parts.push_back({{op}, {}});
  }

  /// The first part that `op` needs a value of, or the number of parts.
  size_t firstNeededPart(Operation *op) const {
    size_t first = parts.size();
    SmallVector<Operation *> pending{op};
    llvm::SmallPtrSet<Operation *, 16> seen;
    while (!pending.empty()) {
      llvm::SetVector<Value> values;
      usedValues(pending.pop_back_val(), values);
      for (Value value : values) {
        Operation *source = value.getDefiningOp();
        if (!source || !seen.insert(source).second)
          continue;
        if (isCloneable(source))
          pending.push_back(source);
        else
          first = std::min(first, partOf(source));
      }
    }
    return first;
  }

  /// Whether the host can compute the number of points.
  bool hasKnownSize(scf::ForallOp points) const {
    SmallVector<Value> values(points.getDynamicUpperBound());
    while (!values.empty()) {
      Operation *op = values.pop_back_val().getDefiningOp();
      if (!op)
        continue;
      if (!isMemoryEffectFree(op) || op->getNumRegions())
        return false;
      llvm::append_range(values, op->getOperands());
    }
    return true;
  }

  static bool hasPoints(const Part &part) {
    return llvm::any_of(part.ops, [](Operation *op) {
      return op->walk([](scf::ForallOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
    });
  }

  static int64_t threadsOf(Part &part) {
    if (part.isBlocks())
      return numberOf(part.points, kThreadsAttr);
    return part.points || hasPoints(part) ? kThreads : kWarp;
  }

  Dim workspaceBytes(ShapeBuilder &shapes) {
    Dim bytes = shapes.constant(0);
    kernel.walk([&](tile::WorkspaceOp op) {
      bytes = shapes.max(bytes, shapes.add(getAsOpFoldResult(op.getOffset()),
                                           getAsOpFoldResult(op.getSize())));
    });
    return bytes;
  }

  Dim blocksOf(ShapeBuilder &shapes, Part &part) {
    if (!part.points)
      return shapes.constant(1);
    Dim blocks = shapes.product(part.points.getMixedUpperBound());
    if (part.isBlocks())
      return blocks;
    int64_t lanes = std::max<int64_t>(1, numberOf(part.points, kLanesAttr));
    blocks = shapes.ceilDiv(shapes.mul(blocks, shapes.constant(lanes)),
                            shapes.constant(threadsOf(part)));
    return shapes.min(blocks, shapes.constant(kMaxBlocks));
  }

  /// Rows of {blocks, threads, shared bytes, workspace bytes}.
  SmallVector<Value> gridValues() {
    b.setInsertionPoint(kernel.front().getTerminator());
    ShapeBuilder shapes(b, loc);
    Dim none = shapes.constant(0), instead = none;
    Dim bytes = workspaceBytes(shapes);
    SmallVector<Value> values;
    for (Part &part : parts) {
      Dim isDone = shapes.isLess(none, instead);
      Dim blocks = shapes.select(isDone, none, blocksOf(shapes, part));
      int64_t shared = part.points ? numberOf(part.points, kSharedAttr) : 0;
      bool isInstead = part.points && part.points->hasAttr(kInsteadAttr);
      if (isInstead)
        instead = shapes.add(instead, blocks);
      for (Dim d :
           {blocks, shapes.constant(threadsOf(part)), shapes.constant(shared),
            isInstead ? none : shapes.select(isDone, none, bytes)})
        values.push_back(shapes.value(d));
    }
    return values;
  }

  /// NAME_grid, in a module of its own: it is the host's.
  LogicalResult makeGrid() {
    SmallVector<Value> values = gridValues();
    OpBuilder outer(kernel);
    auto host = ModuleOp::create(outer, loc, "host");
    OpBuilder grid(host.getBodyRegion());
    SmallVector<Value> inputs;
    for (BlockArgument argument : kernel.getArguments())
      if (!isa<MemRefType>(argument.getType()))
        inputs.push_back(argument);
    SmallVector<Type> results(values.size(), grid.getIndexType());
    auto function = func::FuncOp::create(
        grid, loc, (kernel.getName() + "_grid").str(),
        grid.getFunctionType(ValueRange(inputs).getTypes(), results));
    function->setAttr("tile.grid", b.getUnitAttr());
    Block *entry = function.addEntryBlock();
    grid.setInsertionPointToStart(entry);
    IRMapping mapping;
    mapping.map(inputs, entry->getArguments());
    for (Value &value : values) {
      if (failed(cloneArithmetic(grid, value, mapping)))
        return failure();
      value = mapping.lookup(value);
    }
    func::ReturnOp::create(grid, loc, values);
    return success();
  }

  LogicalResult cloneArithmetic(OpBuilder &grid, Value value,
                                IRMapping &mapping) {
    if (mapping.contains(value))
      return success();
    Operation *op = value.getDefiningOp();
    if (!op || !isMemoryEffectFree(op) || op->getNumRegions())
      return kernel.emitError("the size of the grid depends on memory");
    for (Value operand : op->getOperands())
      if (failed(cloneArithmetic(grid, operand, mapping)))
        return failure();
    grid.clone(*op, mapping);
    return success();
  }

  /// NAME_p<i>: all buffers, all numbers as 64 bits, the workspace.
  void makeFunction(size_t i, Part &part) {
    OpBuilder outer(kernel);
    SmallVector<Type> types;
    for (Type type : kernel.getArgumentTypes())
      types.push_back(isa<MemRefType>(type) ? type : b.getI64Type());
    types.push_back(MemRefType::get({}, b.getI8Type()));
    auto function = func::FuncOp::create(
        outer, loc, (kernel.getName() + "_p" + Twine(i)).str(),
        outer.getFunctionType(types, {}));
    function->setAttr(kTeamAttr, b.getStringAttr(part.isBlocks() ? "blocks"
                                                 : part.points   ? "grid"
                                                                 : "block"));
    function->setAttr(kThreadsAttr, b.getI64IntegerAttr(threadsOf(part)));
    Block *entry = function.addEntryBlock();
    b.setInsertionPointToStart(entry);
    IRMapping mapping;
    for (auto [from, to] :
         llvm::zip(kernel.getArguments(), entry->getArguments()))
      mapping.map(from, fromBits(to, from.getType()));
    workspace = entry->getArguments().back();
    for (Operation *op : part.ops) {
      cloneNeeded(op, mapping);
      b.clone(*op, mapping);
    }
    func::ReturnOp::create(b, loc);
    lowerWorkspaces(function);
  }

  Value fromBits(Value bits, Type type) {
    if (bits.getType() == type)
      return bits;
    if (type.isIndex())
      return arith::IndexCastOp::create(b, loc, type, bits);
    auto integer = b.getIntegerType(type.getIntOrFloatBitWidth());
    if (integer != bits.getType())
      bits = arith::TruncIOp::create(b, loc, integer, bits);
    if (integer != type)
      bits = arith::BitcastOp::create(b, loc, type, bits);
    return bits;
  }

  void cloneNeeded(Operation *op, IRMapping &mapping) {
    llvm::SetVector<Value> values;
    usedValues(op, values);
    for (Value value : values) {
      Operation *source = value.getDefiningOp();
      if (mapping.contains(value) || !source ||
          source->getBlock() != &kernel.front())
        continue;
      cloneNeeded(source, mapping);
      b.clone(*source, mapping);
    }
  }

  void lowerWorkspaces(func::FuncOp function) {
    SmallVector<tile::WorkspaceOp> ops;
    function.walk([&](tile::WorkspaceOp op) { ops.push_back(op); });
    for (tile::WorkspaceOp op : ops) {
      b.setInsertionPoint(op);
      ShapeBuilder shapes(b, op.getLoc());
      Dim end = shapes.add(getAsOpFoldResult(op.getOffset()),
                           getAsOpFoldResult(op.getSize()));
      Value all = memref::ReinterpretCastOp::create(
          b, op.getLoc(),
          MemRefType::get({ShapedType::kDynamic}, b.getI8Type()), workspace,
          Dim(b.getIndexAttr(0)), Dims{getAsOpFoldResult(shapes.value(end))},
          Dims{Dim(b.getIndexAttr(1))});
      Value view =
          memref::ViewOp::create(b, op.getLoc(), op.getType(), all,
                                 op.getOffset(), ValueRange(op.getSize()));
      op.replaceAllUsesWith(view);
      op.erase();
    }
  }

  func::FuncOp kernel;
  Block *entry;
  OpBuilder b;
  Location loc;
  llvm::SmallPtrSet<Value, 8> written;
  SmallVector<Part> parts;
  Value workspace;
};

struct SplitPartsPass : tw::impl::SplitPartsBase<SplitPartsPass> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> kernels(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp kernel : kernels)
      if (kernel->hasAttr("tile.kernel") && failed(Splitter(kernel).run()))
        return signalPassFailure();
  }
};

} // namespace
