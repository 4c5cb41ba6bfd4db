#include "passes/Passes.h"
#include "passes/cpu/MatmulPlan.h"
#include "passes/cpu/VectorEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tw {
#define GEN_PASS_DEF_LOWERTILEMATMUL
#include "passes/Passes.h.inc"
} // namespace tw

using namespace tw;

namespace {

/// Sums that depend on each other only every so many steps keep two pipelines
/// of latency 4 busy.
constexpr int64_t kIndependentSums = 8;
/// Of the loop over k. Only for the tallest tile where there are many: the
/// others are seldom run, and each costs milliseconds of compile time.
constexpr int64_t kUnroll = 4;

/// The right side as the innermost loop reads it.
struct Panel {
  Value buffer;
  SmallVector<Value> prefix; ///< indices before (k, column)
  Value column;              ///< of lane 0; null: columns start at 0
  SmallVector<Value> masks;  ///< per vector; empty: all lanes are real
};

class MatmulEmitter {
public:
  MatmulEmitter(OpBuilder &b, MatmulPlan &plan, const CpuTarget &target)
      : b(b), loc(plan.op.getLoc()), plan(plan), target(target),
        vectors(b, loc, target) {}

  void emit() {
    makeBounds();
    Dims trips = plan.batch;
    trips.append({plan.rowBlocks, plan.panels});
    auto forall =
        scf::ForallOp::create(b, loc, trips, ValueRange(), std::nullopt);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(forall.getTerminator());
    SmallVector<Value> at = forall.getInductionVars();
    emitBlock(ValueRange(at).drop_back(2), at[at.size() - 2], at.back());
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(Value x, Value y) {
    return b.createOrFold<arith::AddIOp>(loc, x, y);
  }
  Value add(Value x, int64_t y) { return y ? add(x, index(y)) : x; }
  Value mul(Value x, Value y) {
    return b.createOrFold<arith::MulIOp>(loc, x, y);
  }
  Value widenRight(Value value) {
    return vectors.widen(value, plan.accumulator, plan.op.getRhsUnsigned());
  }
  SmallVector<Value>
  loop(Value from, Value to, int64_t step, ValueRange carried,
       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body);
  void loop(Value from, Value to, int64_t step,
            llvm::function_ref<void(Value)> body);
  void withMasks(llvm::function_ref<void(bool masked)> body);

  /// Sizes as values, outside of all loops.
  void makeBounds() {
    rows = plan.shapes.value(plan.rows);
    columns = plan.shapes.value(plan.columns);
    depth = plan.shapes.value(plan.depth);
    blockRows = plan.shapes.value(plan.blockRows);
    nanoseconds = plan.shapes.value(plan.nanoseconds);
    if (!plan.packsPanels)
      return;
    panelRows = plan.shapes.value(plan.panelRows());
    int64_t bytes = plan.accumulator.getIntOrFloatBitWidth() / 8;
    panelBytes = mul(panelRows, index(plan.width() * bytes));
    workspaceOffset = index(0);
  }

  void emitBlock(ValueRange batch, Value rowBlock, Value panelIndex);
  SmallVector<Value> operandBatch(Value operand, int64_t matrixRank,
                                  ValueRange batch);
  Panel openPanel(Value panelIndex);
  void fillPanel(Value panel, const Panel &source);
  void copyRows(Value panel, const Panel &source);
  void transposeRows(Value panel, const Panel &source);
  void emitRows(const Panel &panel, Value first, Value count);
  void emitAnyHeight(const Panel &panel, Value row, Value height,
                     ArrayRef<int64_t> heights);
  void emitTile(const Panel &panel, Value row, int64_t height);
  SmallVector<Value> emitSums(const Panel &panel, Value row, int64_t height);
  void combine(SmallVectorImpl<Value> &sums, size_t count);
  void multiply(const Panel &panel, Value row, int64_t height, Value k,
                MutableArrayRef<Value> sums);
  void storeTile(Value row, int64_t height, ArrayRef<Value> sums, bool masked);

  OpBuilder &b;
  Location loc;
  MatmulPlan &plan;
  const CpuTarget &target;
  VectorEmitter vectors;
  Value rows, columns, depth, blockRows, nanoseconds;
  Value panelRows, panelBytes, workspaceOffset;
  /// Of the block being emitted.
  SmallVector<Value> batch, leftBatch, rightBatch;
  Value firstColumn;
  SmallVector<Value> masks;
  bool manyHeights = false;
};

} // namespace

static SmallVector<Value> withIndices(ArrayRef<Value> prefix, Value x,
                                      Value y) {
  SmallVector<Value> at(prefix);
  at.append({x, y});
  return at;
}

/// The batch indices at which an operand is read: 0 along dims that stretch.
SmallVector<Value> MatmulEmitter::operandBatch(Value operand,
                                               int64_t matrixRank,
                                               ValueRange batch) {
  auto type = cast<MemRefType>(operand.getType());
  int64_t count = type.getRank() - matrixRank;
  SmallVector<Value> at;
  for (int64_t i = 0; i < count; ++i) {
    Value position = batch[batch.size() - count + i];
    if (type.getDimSize(i) == 1) {
      position = index(0);
    } else if (type.isDynamicDim(i)) {
      ShapeBuilder shapes(b, loc);
      Value size = shapes.value(bufferDim(shapes, operand, i));
      Value isOne = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                          size, index(1));
      position = arith::SelectOp::create(b, loc, isOne, index(0), position);
    }
    at.push_back(position);
  }
  return at;
}

void MatmulEmitter::emitBlock(ValueRange batchIndices, Value rowBlock,
                              Value panelIndex) {
  tile::CostOp::create(b, loc, nanoseconds);
  batch.assign(batchIndices.begin(), batchIndices.end());
  leftBatch = operandBatch(plan.op.getLhs(), 2, batch);
  rightBatch =
      operandBatch(plan.op.getRhs(), plan.op.getPacked() ? 3 : 2, batch);
  firstColumn = mul(panelIndex, index(plan.width()));
  masks.clear();
  if (plan.hasColumnTail()) {
    Value real = arith::SubIOp::create(b, loc, columns, firstColumn);
    for (int64_t i = 0; i < plan.tile.vectors; ++i) {
      Value count = arith::SubIOp::create(b, loc, real, index(i * plan.lanes));
      masks.push_back(vectors.firstLanes(count, plan.lanes));
    }
  }
  Panel panel = openPanel(panelIndex);
  Value first = mul(rowBlock, blockRows);
  Value left = arith::SubIOp::create(b, loc, rows, first);
  emitRows(panel, first, arith::MinSIOp::create(b, loc, left, blockRows));
}

Panel MatmulEmitter::openPanel(Value panelIndex) {
  Panel panel{plan.op.getRhs(), rightBatch, {}, {}};
  if (plan.op.getPacked()) {
    panel.prefix.push_back(panelIndex);
    return panel;
  }
  panel.column = firstColumn;
  panel.masks = masks;
  if (!plan.packsPanels)
    return panel;
  Value bytes = tile::WorkspaceOp::create(
      b, loc, MemRefType::get({ShapedType::kDynamic}, b.getI8Type()),
      workspaceOffset, panelBytes);
  auto type =
      MemRefType::get({ShapedType::kDynamic, plan.width()}, plan.accumulator);
  Value buffer = memref::ViewOp::create(b, loc, type, bytes, index(0),
                                        ValueRange{panelRows});
  fillPanel(buffer, panel);
  return {buffer, {}, {}, {}};
}

void MatmulEmitter::fillPanel(Value panel, const Panel &source) {
  if (plan.op.getTransposed())
    transposeRows(panel, source);
  else
    copyRows(panel, source);
}

SmallVector<Value> MatmulEmitter::loop(
    Value from, Value to, int64_t step, ValueRange carried,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto op = scf::ForOp::create(
      b, loc, from, to, index(step), carried,
      [&](OpBuilder &, Location, Value k, ValueRange values) {
        scf::YieldOp::create(b, loc, body(k, values));
      });
  return SmallVector<Value>(op.getResults());
}

void MatmulEmitter::loop(Value from, Value to, int64_t step,
                         llvm::function_ref<void(Value)> body) {
  loop(from, to, step, {}, [&](Value k, ValueRange) -> SmallVector<Value> {
    body(k);
    return {};
  });
}

/// `body` with masks where they are needed; twice where they cost something.
void MatmulEmitter::withMasks(llvm::function_ref<void(bool)> body) {
  if (masks.empty() || target.hasCheapMasks)
    return body(!masks.empty());
  Value end = add(firstColumn, plan.width());
  Value full =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, end, columns);
  auto branch = [&](bool masked) {
    return [&body, this, masked](OpBuilder &, Location) {
      body(masked);
      scf::YieldOp::create(b, loc);
    };
  };
  scf::IfOp::create(b, loc, full, branch(false), branch(true));
}

void MatmulEmitter::copyRows(Value panel, const Panel &source) {
  auto element = cast<MemRefType>(source.buffer.getType()).getElementType();
  VectorType type = vectors.type(element, plan.lanes);
  withMasks([&](bool masked) {
    loop(index(0), depth, 1, [&](Value k) {
      for (int64_t i = 0; i < plan.tile.vectors; ++i) {
        Value column = add(source.column, i * plan.lanes);
        Value row =
            vectors.load(source.buffer, withIndices(source.prefix, k, column),
                         type, masked ? source.masks[i] : Value());
        vectors.store(widenRight(row), panel, {k, index(i * plan.lanes)});
      }
    });
  });
}

/// Square by square. Columns beyond the last one repeat it: what is computed
/// from them is not stored.
void MatmulEmitter::transposeRows(Value panel, const Panel &source) {
  int64_t lanes = plan.lanes;
  auto element = cast<MemRefType>(source.buffer.getType()).getElementType();
  VectorType type = vectors.type(element, lanes);
  auto known = ShapeBuilder::known(plan.depth);
  Value last = arith::SubIOp::create(b, loc, columns, index(1));
  loop(index(0), depth, lanes, [&](Value k) {
    Value mask;
    if (!known || *known % lanes != 0)
      mask = vectors.firstLanes(arith::SubIOp::create(b, loc, depth, k), lanes);
    loop(index(0), index(plan.width()), lanes, [&](Value lane) {
      SmallVector<Value> square;
      for (int64_t i = 0; i < lanes; ++i) {
        Value column = add(add(source.column, lane), i);
        column = arith::MinSIOp::create(b, loc, column, last);
        Value row = vectors.load(
            source.buffer, withIndices(source.prefix, column, k), type, mask);
        square.push_back(widenRight(row));
      }
      for (auto [i, row] : llvm::enumerate(vectors.transpose(square)))
        vectors.store(row, panel, {add(k, i), lane});
    });
  });
}

/// As many tiles as are needed, their heights as equal as can be.
void MatmulEmitter::emitRows(const Panel &panel, Value first, Value count) {
  SmallVector<int64_t> heights = plan.heights();
  if (heights.empty())
    return;
  manyHeights = heights.size() > 2;
  if (heights.size() == 1)
    return loop(first, add(first, count), heights[0],
                [&](Value row) { emitTile(panel, row, heights[0]); });
  Value tiles =
      arith::CeilDivSIOp::create(b, loc, count, index(plan.tile.rows));
  Value height = arith::DivUIOp::create(b, loc, count, tiles);
  Value taller = arith::RemUIOp::create(b, loc, count, tiles);
  loop(index(0), tiles, 1, first, [&](Value t, ValueRange carried) {
    Value isTaller =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, t, taller);
    Value own =
        arith::SelectOp::create(b, loc, isTaller, add(height, 1), height);
    emitAnyHeight(panel, carried[0], own, heights);
    return SmallVector<Value>{add(carried[0], own)};
  });
}

void MatmulEmitter::emitAnyHeight(const Panel &panel, Value row, Value height,
                                  ArrayRef<int64_t> heights) {
  ArrayRef<int64_t> cases = heights.drop_back();
  auto choice = scf::IndexSwitchOp::create(b, loc, TypeRange(), height, cases,
                                           cases.size());
  OpBuilder::InsertionGuard guard(b);
  for (auto [i, region] : llvm::enumerate(choice->getRegions())) {
    // Region 0 is the default one: the tallest.
    int64_t rows = i == 0 ? heights.back() : cases[i - 1];
    b.createBlock(&region);
    emitTile(panel, row, rows);
    scf::YieldOp::create(b, loc);
  }
}

void MatmulEmitter::emitTile(const Panel &panel, Value row, int64_t height) {
  SmallVector<Value> sums = emitSums(panel, row, height);
  withMasks([&](bool masked) { storeTile(row, height, sums, masked); });
}

/// One step of the sum over k.
void MatmulEmitter::multiply(const Panel &panel, Value row, int64_t height,
                             Value k, MutableArrayRef<Value> sums) {
  auto element = cast<MemRefType>(panel.buffer.getType()).getElementType();
  VectorType type = vectors.type(element, plan.lanes);
  int64_t width = plan.tile.vectors;
  SmallVector<Value> right;
  for (int64_t i = 0; i < width; ++i) {
    Value lane = index(i * plan.lanes);
    Value column = panel.column ? add(panel.column, lane) : lane;
    Value values =
        vectors.load(panel.buffer, withIndices(panel.prefix, k, column), type,
                     panel.masks.empty() ? Value() : panel.masks[i]);
    right.push_back(widenRight(values));
  }
  for (int64_t r = 0; r < height; ++r) {
    Value scalar = memref::LoadOp::create(
        b, loc, plan.op.getLhs(), withIndices(leftBatch, add(row, r), k));
    Value left = vectors.splat(
        vectors.widen(scalar, plan.accumulator, plan.op.getLhsUnsigned()),
        plan.lanes);
    for (int64_t i = 0; i < width; ++i) {
      Value &sum = sums[r * width + i];
      sum = vectors.multiplyAdd(left, right[i], sum);
    }
  }
}

/// Adds up `sums` in groups of `count`, pairwise.
void MatmulEmitter::combine(SmallVectorImpl<Value> &sums, size_t count) {
  while (sums.size() > count) {
    size_t half = sums.size() / 2;
    for (size_t i = 0; i < half; ++i)
      sums[i] = vectors.add(sums[i], sums[half + i]);
    sums.resize(half);
  }
}

/// Small tiles sum every second or fourth step by itself, so that the CPU need
/// not wait for the last sum.
SmallVector<Value> MatmulEmitter::emitSums(const Panel &panel, Value row,
                                           int64_t height) {
  size_t count = height * plan.tile.vectors, groups = 1;
  while (groups * 2 <= kUnroll && count * groups < kIndependentSums)
    groups *= 2;
  Value zero = vectors.zero(vectors.type(plan.accumulator, plan.lanes));
  SmallVector<Value> sums(count * groups, zero);
  int64_t unroll = manyHeights && height < plan.tile.rows ? groups : kUnroll;
  Value rest = b.createOrFold<arith::RemUIOp>(loc, depth, index(unroll));
  Value end = b.createOrFold<arith::SubIOp>(loc, depth, rest);
  sums = loop(index(0), end, unroll, sums, [&](Value k, ValueRange carried) {
    SmallVector<Value> next(carried);
    for (int64_t u = 0; u < unroll; ++u)
      multiply(panel, row, height, add(k, u),
               MutableArrayRef(next).slice(u % groups * count, count));
    return next;
  });
  combine(sums, count);
  if (unroll == 1 || getConstantIntValue(rest) == 0)
    return sums;
  return loop(end, depth, 1, sums, [&](Value k, ValueRange carried) {
    SmallVector<Value> next(carried);
    multiply(panel, row, height, k, next);
    return next;
  });
}

void MatmulEmitter::storeTile(Value row, int64_t height, ArrayRef<Value> sums,
                              bool masked) {
  auto op = cast<EpilogueOpInterface>(plan.op.getOperation());
  int64_t laneDim = batch.size() + 1;
  for (auto [n, sum] : llvm::enumerate(sums)) {
    int64_t r = n / plan.tile.vectors, i = n % plan.tile.vectors;
    Value mask = masked ? masks[i] : Value();
    SmallVector<Value> position =
        withIndices(batch, add(row, r), add(firstColumn, i * plan.lanes));
    Value stored = vectors.finish(op, sum, position, laneDim, mask);
    vectors.store(stored, plan.op.getInit(), position, mask);
  }
}

/// Vectors are read and written along the last dim of these.
static LogicalResult checkLayouts(tile::MatmulOp op) {
  for (Value buffer : {op.getRhs(), op.getInit()})
    if (!cast<MemRefType>(buffer.getType()).isLastDimUnitStride())
      return op.emitOpError("expected rows without gaps, found ")
             << buffer.getType();
  return success();
}

namespace {
struct LowerTileMatmulPass
    : tw::impl::LowerTileMatmulBase<LowerTileMatmulPass> {
  using LowerTileMatmulBase::LowerTileMatmulBase;

  void runOnOperation() override {
    auto target = CpuTarget::get(cpu);
    if (!target) {
      emitError(getOperation().getLoc(), toString(target.takeError()));
      return signalPassFailure();
    }
    SmallVector<tile::MatmulOp> ops;
    getOperation()->walk([&](tile::MatmulOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (tile::MatmulOp op : ops) {
      if (failed(checkLayouts(op)))
        return signalPassFailure();
      op = collapseBatch(rewriter, op);
      rewriter.setInsertionPoint(op);
      MatmulPlan plan(rewriter, op, *target);
      MatmulEmitter(rewriter, plan, *target).emit();
      rewriter.eraseOp(op);
    }
  }
};
} // namespace
