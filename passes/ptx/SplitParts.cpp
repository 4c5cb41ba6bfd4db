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
    kernel.walk([&](tile::TensorMapOp op) { maps.push_back(op); });
    for (Operation &op : kernel.front().without_terminator())
      if (!isCloneable(&op))
        add(&op);
    if (failed(makeHost()))
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
    BlockArgument argument = argumentOf(memory);
    return argument && !written.contains(argument);
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
    Dim none = shapes.constant(0), before = none;
    Dim bytes = workspaceBytes(shapes);
    SmallVector<Value> values;
    for (Part &part : parts) {
      Dim blocks = blocksOf(shapes, part);
      if (part.points && part.points->hasAttr(kOtherwiseAttr))
        blocks = shapes.select(shapes.isLess(none, before), none, blocks);
      before = blocks;
      int64_t shared = part.points ? numberOf(part.points, kSharedAttr) : 0;
      for (Dim d : {blocks, shapes.constant(threadsOf(part)),
                    shapes.constant(shared), bytes})
        values.push_back(shapes.value(d));
    }
    return values;
  }

  /// NAME_grid, and NAME_maps where there are tensor maps, in a module of their
  /// own: they are the host's.
  LogicalResult makeHost() {
    SmallVector<Value> grid = gridValues();
    OpBuilder outer(kernel);
    OpBuilder host(ModuleOp::create(outer, loc, "host").getBodyRegion());
    if (failed(makeHostFunction(host, "_grid", "tile.grid", b.getUnitAttr(),
                                grid)))
      return failure();
    if (maps.empty())
      return success();
    SmallVector<Attribute> facts;
    SmallVector<Value> values;
    for (tile::TensorMapOp map : maps) {
      auto buffer = argumentOf(map.getBuffer());
      if (!buffer)
        return map.emitError("the buffer is no argument of the kernel");
      facts.push_back(factsOf(map, buffer.getArgNumber()));
      llvm::append_range(values, mapValues(map));
    }
    return makeHostFunction(host, "_maps", kTensorMapsAttr,
                            b.getArrayAttr(facts), values);
  }

  /// With tensor maps all arguments are handed over: addresses decide whether a
  /// map fits.
  LogicalResult makeHostFunction(OpBuilder &host, StringRef suffix,
                                 StringRef attribute, Attribute facts,
                                 SmallVector<Value> values) {
    SmallVector<Value> inputs;
    for (BlockArgument argument : kernel.getArguments())
      if (!maps.empty() || !isa<MemRefType>(argument.getType()))
        inputs.push_back(argument);
    SmallVector<Type> results(values.size(), b.getIndexType());
    auto function = func::FuncOp::create(
        host, loc, (kernel.getName() + suffix).str(),
        host.getFunctionType(ValueRange(inputs).getTypes(), results));
    function->setAttr(attribute, facts);
    Block *entry = function.addEntryBlock();
    OpBuilder::InsertionGuard guard(host);
    host.setInsertionPointToStart(entry);
    IRMapping mapping;
    mapping.map(inputs, entry->getArguments());
    for (Value &value : values) {
      if (failed(cloneArithmetic(host, value, mapping)))
        return failure();
      value = mapping.lookup(value);
    }
    func::ReturnOp::create(host, loc, values);
    return success();
  }

  BlockArgument argumentOf(Value memory) const {
    while (auto view = memory.getDefiningOp<ViewLikeOpInterface>())
      memory = view.getViewSource();
    auto argument = dyn_cast<BlockArgument>(memory);
    return argument && argument.getOwner() == entry ? argument
                                                    : BlockArgument();
  }

  Attribute factsOf(tile::TensorMapOp map, unsigned buffer) {
    Type element = cast<MemRefType>(map.getBuffer().getType()).getElementType();
    // CUtensorMapDataType and CUtensorMapSwizzle.
    int64_t type = element.isF16()   ? 6
                   : element.isF32() ? 7
                                     : 9,
            swizzle = llvm::Log2_64(map.getLineBytes() / 16);
    return b.getDictionaryAttr({
        b.getNamedAttr("box", map.getBoxAttr()),
        b.getNamedAttr("buffer", b.getI64IntegerAttr(buffer)),
        b.getNamedAttr("swizzle", b.getI64IntegerAttr(swizzle)),
        b.getNamedAttr("type", b.getI64IntegerAttr(type)),
    });
  }

  /// The rank, 0 for none; sizes; and distances in bytes, but the innermost.
  SmallVector<Value> mapValues(tile::TensorMapOp map) {
    ShapeBuilder shapes(b, loc);
    auto type = cast<MemRefType>(map.getBuffer().getType());
    auto view =
        memref::ExtractStridedMetadataOp::create(b, loc, map.getBuffer());
    int64_t bytes = type.getElementType().getIntOrFloatBitWidth() / 8;
    Dims dims{shapes.select(map.getFits(), shapes.constant(type.getRank()),
                            shapes.constant(0))};
    llvm::append_range(dims, view.getConstifiedMixedSizes());
    for (Dim stride : ArrayRef(view.getConstifiedMixedStrides()).drop_back())
      dims.push_back(shapes.mul(stride, shapes.constant(bytes)));
    SmallVector<Value> values;
    for (Dim d : dims)
      values.push_back(shapes.value(d));
    return values;
  }

  LogicalResult cloneArithmetic(OpBuilder &host, Value value,
                                IRMapping &mapping) {
    if (mapping.contains(value))
      return success();
    Operation *op = value.getDefiningOp();
    if (!op || !isMemoryEffectFree(op) || op->getNumRegions())
      return kernel.emitError("the size of the grid depends on memory");
    for (Value operand : op->getOperands())
      if (failed(cloneArithmetic(host, operand, mapping)))
        return failure();
    host.clone(*op, mapping);
    return success();
  }

  /// NAME_p<i>: all buffers, all numbers as 64 bits, the workspace, the tensor
  /// maps.
  void makeFunction(size_t i, Part &part) {
    OpBuilder outer(kernel);
    SmallVector<Type> types;
    for (Type type : kernel.getArgumentTypes())
      types.push_back(isa<MemRefType>(type) ? type : b.getI64Type());
    types.push_back(MemRefType::get({}, b.getI8Type()));
    unsigned plain = types.size();
    for (tile::TensorMapOp map : maps)
      types.push_back(map.getMap().getType());
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
    workspace = entry->getArgument(plain - 1);
    for (auto [i, map] : llvm::enumerate(maps)) {
      mapping.map(map.getMap(), entry->getArgument(plain + i));
      function.setArgAttr(plain + i, kTensorMapAttr, b.getUnitAttr());
    }
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
  SmallVector<tile::TensorMapOp> maps;
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
