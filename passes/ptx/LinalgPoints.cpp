// linalg ops on buffers as points: element by element, several neighbours at
// once, or by a warp each.
#include "passes/Passes.h"
#include "passes/ptx/LaneSums.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace tw;

namespace {

constexpr int64_t kWarp = 32;
/// What one access moves at most, in bytes and in elements.
constexpr int64_t kWideBytes = 16, kWideElements = 8;
/// A longer body is written out fewer times.
constexpr int64_t kLongBody = 40, kLongElements = 4;

class LinalgFormer {
public:
  LinalgFormer(OpBuilder &b, linalg::LinalgOp op)
      : b(b), loc(op.getLoc()), op(op), at(op.getNumLoops()),
        ranges(op.createLoopRanges(b, loc)) {
    for (auto [i, type] : llvm::enumerate(op.getIteratorTypesArray()))
      (type == utils::IteratorType::parallel ? parallel : reduction)
          .push_back(i);
    for (unsigned i : parallel)
      sizes.push_back(ranges[i].size);
  }

  void form() {
    if (int64_t count = wideElements(); count > 1)
      return formWide(count);
    bool byWarp = isSummedByWarp();
    auto points = open();
    if (byWarp)
      points->setAttr(kLanesAttr, b.getI64IntegerAttr(kWarp));
    for (unsigned i : reduction)
      at[i] = index(0);
    if (byWarp)
      return sumByWarp();
    storeResults(sums(reduction, initialValues()));
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value value(OpFoldResult d) {
    return getValueOrCreateConstantIndexOp(b, loc, d);
  }

  scf::ForallOp open() {
    auto points = createPoints(b, loc, sizes);
    for (auto [i, iv] : llvm::zip_equal(parallel, points.getInductionVars()))
      at[i] = iv;
    return points;
  }

  SmallVector<Value> indices(OpOperand &operand) {
    SmallVector<Value> result;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (AffineExpr e : map.getResults())
      result.push_back(value(affine::makeComposedFoldedAffineApply(
          b, loc, AffineMap::get(map.getNumDims(), 0, e),
          getAsOpFoldResult(at))));
    return result;
  }

  Value load(OpOperand &operand) {
    if (Value loaded = preloaded.lookup(&operand))
      return loaded;
    if (!isa<MemRefType>(operand.get().getType()))
      return operand.get();
    return memref::LoadOp::create(b, loc, operand.get(), indices(operand));
  }

  bool isRead(OpOperand &init) {
    return op.getNumReductionLoops() || op.payloadUsesValueFromOperand(&init);
  }

  /// What results hold before; null where that is not read.
  SmallVector<Value> initialValues() {
    SmallVector<Value> values;
    for (OpOperand &init : op.getDpsInitsMutable())
      values.push_back(isRead(init) ? load(init) : Value());
    return values;
  }

  SmallVector<Value>
  loop(unsigned dim, Value from, int64_t step, ArrayRef<Value> carried,
       llvm::function_ref<SmallVector<Value>(ValueRange)> body) {
    auto op = scf::ForOp::create(
        b, loc, from, value(ranges[dim].size), index(step), carried,
        [&](OpBuilder &, Location, Value i, ValueRange inner) {
          at[dim] = i;
          scf::YieldOp::create(b, loc, body(inner));
        });
    return SmallVector<Value>(op.getResults());
  }

  /// Runs the body over all loops that are reduced, the sums in registers.
  SmallVector<Value> sums(ArrayRef<unsigned> loops, ArrayRef<Value> carried) {
    if (loops.empty())
      return body(carried);
    return loop(loops.front(), index(0), 1, carried, [&](ValueRange inner) {
      return sums(loops.drop_front(), SmallVector<Value>(inner));
    });
  }

  SmallVector<Value> body(ArrayRef<Value> carried) {
    SmallVector<Value> arguments;
    for (OpOperand *input : op.getDpsInputOperands())
      arguments.push_back(load(*input));
    llvm::append_range(arguments, carried);
    return inlinePayload(b, op, arguments, at);
  }

  void storeResults(ArrayRef<Value> values) {
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), values))
      memref::StoreOp::create(b, loc, value, init.get(), indices(init));
  }

  // Neighbours along the innermost loop at once. ----------------------------

  /// Whether the innermost loop walks through neighbouring elements (true), or
  /// does not move at all (false); nothing where it does otherwise.
  std::optional<bool> runsAlong(OpOperand &operand) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type)
      return false;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    unsigned inner = parallel.back();
    if (!map.isFunctionOfDim(inner))
      return false;
    bool isLast =
        map.getResults().back() == getAffineDimExpr(inner, op.getContext());
    bool isElsewhere =
        llvm::any_of(map.getResults().drop_back(),
                     [&](AffineExpr e) { return e.isFunctionOfDim(inner); });
    if (!isLast || isElsewhere || !type.isLastDimUnitStride())
      return std::nullopt;
    return true;
  }

  /// How many neighbours a thread computes at once; 1 where that cannot be.
  int64_t wideElements() {
    if (!reduction.empty() || parallel.empty())
      return 1;
    int64_t widest = 1;
    for (OpOperand &operand : op->getOpOperands()) {
      std::optional<bool> runs = runsAlong(operand);
      bool isInit = op.isDpsInit(&operand);
      if (!runs || (isInit && !*runs))
        return 1;
      Type element = getElementTypeOrSelf(operand.get().getType());
      if (*runs &&
          (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8 != 0))
        return 1;
      if (*runs)
        widest = std::max<int64_t>(widest, element.getIntOrFloatBitWidth() / 8);
    }
    int64_t count = std::min(kWideBytes / widest, kWideElements);
    if (std::distance(op.getBlock()->begin(), op.getBlock()->end()) > kLongBody)
      count = std::min(count, kLongElements);
    auto known = ShapeBuilder::known(sizes.back());
    return known && *known < count ? 1 : count;
  }

  static int64_t accessBytes(Value buffer, int64_t count) {
    Type element = cast<MemRefType>(buffer.getType()).getElementType();
    return count * element.getIntOrFloatBitWidth() / 8;
  }

  /// i1: all that is accessed widely starts at multiples of an access, and so
  /// does every row.
  Value areAligned(int64_t count) {
    Value bits = index(0);
    for (OpOperand &operand : op->getOpOperands())
      if (runsAlong(operand) == true) {
        int64_t bytes = accessBytes(operand.get(), count);
        Value rest = arith::RemUIOp::create(b, loc, startOf(operand.get()),
                                            index(bytes));
        bits = arith::OrIOp::create(b, loc, bits, rest);
        if (cast<MemRefType>(operand.get().getType()).getRank() > 1)
          bits =
              arith::OrIOp::create(b, loc, bits, rowRest(operand.get(), count));
      }
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, bits,
                                 index(0));
  }

  Value startOf(Value buffer) {
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer);
    auto type = cast<MemRefType>(buffer.getType());
    if (type.getLayout().isIdentity())
      return address;
    Value offset =
        memref::ExtractStridedMetadataOp::create(b, loc, buffer).getOffset();
    Value bytes =
        arith::MulIOp::create(b, loc, offset, index(accessBytes(buffer, 1)));
    return arith::AddIOp::create(b, loc, address, bytes);
  }

  /// Not zero where an outer step is no multiple of `count` elements.
  Value rowRest(Value buffer, int64_t count) {
    auto parts = memref::ExtractStridedMetadataOp::create(b, loc, buffer);
    Value bits = index(0);
    for (Value stride : parts.getStrides().drop_back())
      bits = arith::OrIOp::create(b, loc, bits, stride);
    return arith::RemUIOp::create(b, loc, bits, index(count));
  }

  void formWide(int64_t count) {
    Value aligned = areAligned(count), end = value(sizes.back());
    ShapeBuilder shapes(b, loc);
    sizes.back() = shapes.ceilDiv(sizes.back(), shapes.constant(count));
    open();
    Value &inner = at[parallel.back()];
    Value first = arith::MulIOp::create(b, loc, inner, index(count));
    Value next = arith::AddIOp::create(b, loc, first, index(count));
    Value isWhole =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, next, end);
    scf::IfOp::create(
        b, loc, arith::AndIOp::create(b, loc, isWhole, aligned),
        [&](OpBuilder &, Location) {
          inner = first;
          computeWide(count);
          scf::YieldOp::create(b, loc);
        },
        [&](OpBuilder &, Location) {
          Value last = arith::MinSIOp::create(b, loc, next, end);
          scf::ForOp::create(b, loc, first, last, index(1), ValueRange(),
                             [&](OpBuilder &, Location, Value i, ValueRange) {
                               inner = i;
                               storeResults(body(initialValues()));
                               scf::YieldOp::create(b, loc);
                             });
          scf::YieldOp::create(b, loc);
        });
  }

  VectorType wideType(Value buffer, int64_t count) {
    return VectorType::get(count,
                           cast<MemRefType>(buffer.getType()).getElementType());
  }

  void computeWide(int64_t count) {
    DenseMap<OpOperand *, Value> vectors;
    for (OpOperand &operand : op->getOpOperands()) {
      if (op.isDpsInit(&operand) && !isRead(operand))
        continue;
      if (runsAlong(operand) == true)
        vectors[&operand] = vector::LoadOp::create(
            b, loc, wideType(operand.get(), count), operand.get(),
            indices(operand), /*nontemporal=*/false,
            llvm::MaybeAlign(accessBytes(operand.get(), count)));
      else
        preloaded[&operand] = load(operand);
    }
    SmallVector<SmallVector<Value>> results(op.getNumDpsInits());
    Value &inner = at[parallel.back()];
    Value first = inner;
    for (int64_t i = 0; i < count; ++i) {
      inner = arith::AddIOp::create(b, loc, first, index(i));
      for (auto [operand, vector] : vectors)
        preloaded[operand] = vector::ExtractOp::create(b, loc, vector, i);
      for (auto [list, result] :
           llvm::zip_equal(results, body(initialValues())))
        list.push_back(result);
    }
    inner = first;
    preloaded.clear();
    for (auto [init, list] :
         llvm::zip_equal(op.getDpsInitsMutable(), results)) {
      Value stored = vector::FromElementsOp::create(
          b, loc, wideType(init.get(), count), list);
      vector::StoreOp::create(b, loc, stored, init.get(), indices(init),
                              /*nontemporal=*/false,
                              llvm::MaybeAlign(accessBytes(init.get(), count)));
    }
  }

  // Sums by a warp. -----------------------------------------------------------

  /// Rows whose elements are neighbours: a thread per row would read them at a
  /// distance.
  bool isSummedByWarp() {
    if (reduction.empty() || op.getNumDpsInputs() == 0 || !sumCombiner(op))
      return false;
    auto known = ShapeBuilder::known(ranges[reduction.back()].size);
    if (known && *known < kWarp)
      return false;
    OpOperand &input = *op.getDpsInputOperands().front();
    auto type = dyn_cast<MemRefType>(input.get().getType());
    AffineMap map = op.getMatchingIndexingMap(&input);
    return type && type.getRank() > 0 && type.isLastDimUnitStride() &&
           map.getResults().back().isFunctionOfDim(reduction.back());
  }

  SmallVector<Value> lanesSums(ArrayRef<unsigned> loops, Value lane,
                               ArrayRef<Value> carried) {
    if (loops.size() == 1)
      return loop(loops[0], lane, kWarp, carried, [&](ValueRange inner) {
        return body(SmallVector<Value>(inner));
      });
    return loop(loops.front(), index(0), 1, carried, [&](ValueRange inner) {
      return lanesSums(loops.drop_front(), lane, SmallVector<Value>(inner));
    });
  }

  void sumByWarp() {
    Operation *with = sumCombiner(op);
    Value lane = arith::IndexCastUIOp::create(
        b, loc, b.getIndexType(),
        NVVM::LaneIdOp::create(b, loc, b.getI32Type()));
    Value neutral =
        arith::ConstantOp::create(b, loc, *arith::getNeutralElement(with));
    Value total = lanesSums(reduction, lane, neutral).front();
    total = sumOverLanes(b, loc, with, total, kWarp);
    for (unsigned i : reduction)
      at[i] = index(0);
    Value isFirst =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, lane, index(0));
    scf::IfOp::create(b, loc, isFirst, [&](OpBuilder &, Location) {
      storeResults(combineSums(b, with, initialValues().front(), total));
      scf::YieldOp::create(b, loc);
    });
  }

  OpBuilder &b;
  Location loc;
  linalg::LinalgOp op;
  SmallVector<Value> at; ///< per loop
  SmallVector<Range> ranges;
  SmallVector<unsigned> parallel, reduction;
  Dims sizes; ///< of the parallel loops
  /// Operands' elements that are in registers already.
  DenseMap<OpOperand *, Value> preloaded;
};

} // namespace

static void replaceIndices(Operation *clone, ValueRange at) {
  clone->walk([&](linalg::IndexOp index) {
    index.replaceAllUsesWith(at[index.getDim()]);
    index.erase();
  });
}

SmallVector<Value> tw::inlinePayload(OpBuilder &b, linalg::LinalgOp op,
                                     ArrayRef<Value> arguments, ValueRange at) {
  IRMapping mapping;
  Block *block = op.getBlock();
  for (auto [argument, value] :
       llvm::zip_equal(block->getArguments(), arguments))
    if (value)
      mapping.map(argument, value);
  for (Operation &inner : block->without_terminator())
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      mapping.map(index.getResult(), at[index.getDim()]);
    else
      replaceIndices(b.clone(inner, mapping), at);
  SmallVector<Value> results;
  for (Value result : block->getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(result));
  return results;
}

void tw::formPoints(OpBuilder &b, linalg::LinalgOp op) {
  LinalgFormer(b, op).form();
}
