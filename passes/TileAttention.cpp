#include "passes/Passes.h"
#include "passes/cpu/AttentionPlan.h"

#include "dialects/nn/Attention.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_TILEATTENTION
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// One step's multiply-adds per nanosecond, and the nanoseconds of a block that
/// do not depend on its keys.
constexpr int64_t kRate = 32, kBlockTime = 2000;

/// A part of an operand: [batch, head, length, size] with one batch and head.
struct Slice {
  Dims offsets, sizes;
};

class AttentionTiler {
public:
  AttentionTiler(tile::AttentionOp op, const AttentionPlan &plan)
      : op(op), plan(plan), b(op), shapes(b, op.getLoc()), loc(op.getLoc()),
        query(nn::headDims(shapes, op.getQ(), isInterleaved("q"))),
        key(nn::headDims(shapes, op.getK(), isInterleaved("k"))),
        batches(query.batch) {
    if (op.getQueryStarts())
      batches = shapes.sub(shapes.dim(op.getQueryStarts(), 0), constant(1));
    if (op.getBlockTable())
      key.length = shapes.mul(shapes.dim(op.getBlockTable(), 1), key.length);
  }

  void run();

private:
  bool isInterleaved(StringRef name) {
    return nn::isInterleaved(op.getInterleaved(), name);
  }
  Dim constant(int64_t value) { return shapes.constant(value); }
  Dim nanoseconds();
  Dim element(Value tensor, ArrayRef<OpFoldResult> at);
  Dim perBatch(Value tensor, Dim missing);
  std::pair<Dim, Dim> rowsOfBatch(Value starts, Dim all);
  int64_t keysPerStep();
  std::pair<Dim, Dim> inPages(Dim first, Dim pages);
  Slice rowsOf(StringRef name, Dim head, Dim first, Dim count, Dim size);
  Value extract(Value from, const Slice &slice);
  Value extractExtra(Value extra, Dim firstKey, Dim keys);
  Dim batchOf(Value extra);
  Dim inside(Dim index, Dim size, Dim expected);
  SmallVector<Value> start();
  SmallVector<Value> overKeys(Value queries);
  SmallVector<Value> step(Value queries, Value firstKey, ValueRange state);
  void block(scf::ForallOp forall, ValueRange at);

  tile::AttentionOp op;
  const AttentionPlan &plan;
  OpBuilder b;
  ShapeBuilder shapes;
  Location loc;
  nn::HeadDims query, key; ///< of keys in pages, all that a batch may have
  Dim batches;
  Dim group; ///< queries' heads that share one of the keys
  // Of the block being built.
  Dim batch, head, firstRow, rows;
  Dim queriesStart, keysStart, keyCount; ///< of the batch
  Dim offset, end; ///< where query 0 stands; the first key that nobody sees
};

} // namespace

/// What a block of queries costs against all keys; of a causal one, half.
Dim AttentionTiler::nanoseconds() {
  int64_t sizes = tile::dimOf(op.getQ(), 3) + tile::dimOf(op.getV(), 3);
  Dim block = shapes.min(query.length, constant(plan.rows()));
  Dim work = shapes.mul(shapes.mul(block, key.length), constant(sizes));
  int64_t rate = op.getCausal() ? 2 * kRate : kRate;
  return shapes.add(shapes.floorDiv(work, constant(rate)),
                    constant(kBlockTime));
}

Dim AttentionTiler::element(Value tensor, ArrayRef<OpFoldResult> at) {
  SmallVector<Value> place;
  for (Dim index : at)
    place.push_back(shapes.value(index));
  Value element = tensor::ExtractOp::create(b, loc, tensor, place);
  return getAsOpFoldResult(
      b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), element));
}

/// tensor[batch], or tensor[0] where it holds one element; `missing` where
/// there is no tensor.
Dim AttentionTiler::perBatch(Value tensor, Dim missing) {
  if (!tensor)
    return missing;
  Dim count = shapes.dim(tensor, 0);
  return element(tensor, shapes.select(shapes.isEqual(count, constant(1)),
                                       constant(0), batch));
}

/// The batch's first row and how many rows it has of `all`, where sequences lie
/// one after the other; whatever `starts` says, they exist.
std::pair<Dim, Dim> AttentionTiler::rowsOfBatch(Value starts, Dim all) {
  if (!starts)
    return {constant(0), all};
  auto start = [&](Dim at) {
    return shapes.max(shapes.min(element(starts, at), all), constant(0));
  };
  Dim first = start(batch), next = start(shapes.add(batch, constant(1)));
  return {first, shapes.max(shapes.sub(next, first), constant(0))};
}

/// Of keys in pages, a step stays in one.
int64_t AttentionTiler::keysPerStep() {
  if (!op.getBlockTable())
    return plan.keys;
  int64_t page = tile::dimOf(op.getK(), 1);
  return page <= plan.keys ? page : std::gcd(page, plan.keys);
}

/// Key `first` of the batch in pages: its page, which exists whatever the table
/// says, and its row there.
std::pair<Dim, Dim> AttentionTiler::inPages(Dim first, Dim pages) {
  Dim size = constant(tile::dimOf(op.getK(), 1));
  Dim number = shapes.floorDiv(first, size);
  Dim page = shapes.min(element(op.getBlockTable(), {batch, number}),
                        shapes.sub(pages, constant(1)));
  return {shapes.max(page, constant(0)),
          shapes.sub(first, shapes.mul(number, size))};
}

/// Rows `first` and on of the batch.
Slice AttentionTiler::rowsOf(StringRef name, Dim head, Dim first, Dim count,
                             Dim size) {
  Value tensor = name == "k" ? op.getK() : op.getV();
  Dim place = op.getQueryStarts() ? constant(0) : batch;
  if (name == "k" || name == "v") {
    nn::HeadDims own = nn::headDims(shapes, tensor, isInterleaved(name));
    place = inside(place, own.batch, query.batch);
    head = inside(head, own.heads, shapes.floorDiv(query.heads, group));
    first = shapes.add(keysStart, first);
    if (op.getBlockTable())
      std::tie(place, first) = inPages(first, own.batch);
  } else {
    first = shapes.add(queriesStart, first);
  }
  Slice slice{{place, head, first, constant(0)},
              {constant(1), constant(1), count, size}};
  if (isInterleaved(name)) {
    std::swap(slice.offsets[1], slice.offsets[2]);
    std::swap(slice.sizes[1], slice.sizes[2]);
  }
  return slice;
}

static RankedTensorType matrixType(Value from, Dim rows, Dim columns) {
  auto known = [](Dim d) {
    return ShapeBuilder::known(d).value_or(ShapedType::kDynamic);
  };
  return RankedTensorType::get({known(rows), known(columns)},
                               ShapeBuilder::elementType(from));
}

Value AttentionTiler::extract(Value from, const Slice &slice) {
  Dim rows = ShapeBuilder::known(slice.sizes[1]) == 1 ? slice.sizes[2]
                                                      : slice.sizes[1];
  Dims strides(4, constant(1));
  return tensor::ExtractSliceOp::create(
      b, loc, matrixType(from, rows, slice.sizes[3]), from, slice.offsets,
      slice.sizes, strides);
}

/// `index` in a dim of `size`, which is `expected` or 1; in bounds whatever it
/// is.
Dim AttentionTiler::inside(Dim index, Dim size, Dim expected) {
  if (ShapeBuilder::equal(size, expected))
    return index;
  return shapes.min(index, shapes.sub(size, constant(1)));
}

/// The batch of a bias or mask that is read: it repeats.
Dim AttentionTiler::batchOf(Value extra) {
  Dim size = shapes.dim(extra, 0);
  if (ShapeBuilder::equal(size, batches))
    return batch;
  return shapes.sub(batch, shapes.mul(shapes.floorDiv(batch, size), size));
}

/// The block's part of a bias or mask; dims of size 1 are read at 0.
Value AttentionTiler::extractExtra(Value extra, Dim firstKey, Dim keys) {
  if (!extra)
    return {};
  Dims offsets{batchOf(extra), head, firstRow, firstKey},
      sizes{constant(1), constant(1), rows, keys};
  offsets[1] = inside(head, shapes.dim(extra, 1), query.heads);
  Dim length = shapes.dim(extra, 2);
  offsets[2] = inside(firstRow, length, query.length);
  if (!ShapeBuilder::equal(length, query.length))
    sizes[2] = shapes.min(rows, shapes.sub(length, offsets[2]));
  // A last dim of 1 broadcasts only where that is known, see nn.attention.
  if (ShapeBuilder::known(shapes.dim(extra, 3)) == 1)
    offsets[3] = constant(0), sizes[3] = constant(1);
  Dims strides(4, constant(1));
  return tensor::ExtractSliceOp::create(b, loc,
                                        matrixType(extra, sizes[2], sizes[3]),
                                        extra, offsets, sizes, strides);
}

static Value filled(OpBuilder &b, Location loc, ArrayRef<int64_t> shape,
                    float number) {
  Value empty = tensor::EmptyOp::create(b, loc, shape, b.getF32Type());
  Value scalar = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(number));
  return linalg::FillOp::create(b, loc, scalar, empty).getResult(0);
}

/// Maximum, sum and accumulator before the first key. The maximum is finite, so
/// that a row which sees nothing has a sum of nearly 0 and no NaN.
SmallVector<Value> AttentionTiler::start() {
  int64_t size = tile::dimOf(op.getV(), 3);
  return {filled(b, loc, {plan.panels, plan.width},
                 -std::numeric_limits<float>::max()),
          filled(b, loc, {plan.panels, plan.width}, 0),
          filled(b, loc, {plan.panels, size, plan.width}, 0)};
}

SmallVector<Value> AttentionTiler::step(Value queries, Value firstKey,
                                        ValueRange state) {
  Dim first = getAsOpFoldResult(firstKey);
  Dim keys = shapes.min(shapes.sub(end, first), constant(keysPerStep()));
  Dim shared = shapes.floorDiv(head, group);
  Value k = extract(op.getK(), rowsOf("k", shared, first, keys,
                                      constant(tile::dimOf(op.getK(), 3))));
  Value v = extract(op.getV(), rowsOf("v", shared, first, keys,
                                      constant(tile::dimOf(op.getV(), 3))));
  Value bias = extractExtra(op.getBias(), first, keys),
        mask = extractExtra(op.getMask(), first, keys);
  Dim position = shapes.sub(shapes.add(firstRow, offset), first);
  auto part = tile::AttentionStepOp::create(
      b, loc, state.getTypes(), queries, k, v, bias, mask, shapes.value(rows),
      shapes.value(position), state[0], state[1], state[2], op.getSoftcapAttr(),
      op.getCausalAttr(), op.getWindowAttr(), op.getMaskValueAttr(),
      op.getMaskLastAttr());
  return SmallVector<Value>(part.getResults());
}

/// scf.for over the blocks of keys that some row of the block sees.
SmallVector<Value> AttentionTiler::overKeys(Value queries) {
  Dim zero = constant(0), first = zero;
  Dim place = shapes.add(firstRow, offset);
  end = shapes.max(shapes.min(perBatch(op.getLengths(), keyCount), keyCount),
                   zero);
  for (Value extra : {op.getBias(), op.getMask()})
    if (extra && ShapeBuilder::known(shapes.dim(extra, 3)) != 1)
      end = shapes.min(end, shapes.dim(extra, 3));
  Dim values = nn::headDims(shapes, op.getV(), isInterleaved("v")).length;
  if (!op.getBlockTable() && !ShapeBuilder::equal(values, key.length))
    end = shapes.min(end, shapes.max(shapes.sub(values, keysStart), zero));
  if (op.getCausal())
    end = shapes.min(end, shapes.add(place, rows));
  if (op.getCausal() && op.getWindow() > 0)
    first = shapes.max(
        shapes.sub(place, constant(static_cast<int64_t>(op.getWindow()) - 1)),
        zero);
  Dim stride = constant(keysPerStep());
  if (op.getBlockTable())
    first = shapes.mul(shapes.floorDiv(first, stride), stride);
  if (op.getQueryStarts())
    end = shapes.select(shapes.isEqual(rows, zero), zero, end);
  SmallVector<Value> state = start();
  Value from = shapes.value(first), to = shapes.value(end);
  auto loop = scf::ForOp::create(b, loc, from, to, shapes.value(stride), state);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      step(queries, loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(loop.getResults());
}

void AttentionTiler::block(scf::ForallOp forall, ValueRange at) {
  batch = getAsOpFoldResult(at[0]);
  head = getAsOpFoldResult(at[1]);
  Dim number = getAsOpFoldResult(at[2]);
  // The blocks that see the most keys come first.
  if (op.getCausal())
    number = shapes.sub(shapes.sub(forall.getMixedUpperBound()[2], constant(1)),
                        number);
  Dim count;
  std::tie(queriesStart, count) =
      rowsOfBatch(op.getQueryStarts(), query.length);
  std::tie(keysStart, keyCount) = rowsOfBatch(op.getKeyStarts(), key.length);
  firstRow = shapes.mul(number, constant(plan.rows()));
  // The grid has blocks for the longest sequence that there may be.
  if (op.getQueryStarts())
    firstRow = shapes.min(firstRow, count);
  rows = shapes.min(shapes.sub(count, firstRow), constant(plan.rows()));
  offset = perBatch(op.getOffsets(), constant(0));
  int64_t size = tile::dimOf(op.getQ(), 3);
  Value q =
      extract(op.getQ(), rowsOf("q", head, firstRow, rows, constant(size)));
  Value room = tensor::EmptyOp::create(
      b, loc, ArrayRef<int64_t>{plan.panels, size, plan.width}, b.getF32Type());
  Value queries = tile::PackQueriesOp::create(b, loc, room.getType(), q, room,
                                              op.getScaleAttr())
                      .getResult(0);
  SmallVector<Value> state = overKeys(queries);
  Slice place =
      rowsOf("y", head, firstRow, rows, constant(tile::dimOf(op.getV(), 3)));
  BlockArgument out = forall.getRegionOutArgs()[0];
  Value slice = extract(out, place);
  Value finished =
      tile::AttentionFinishOp::create(b, loc, slice.getType(), state[1],
                                      state[2], slice, op.getDeadRowsAttr())
          .getResult(0);
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  Dims strides(4, constant(1));
  tensor::ParallelInsertSliceOp::create(b, loc, finished, out, place.offsets,
                                        place.sizes, strides);
}

void AttentionTiler::run() {
  Dim blocks = shapes.ceilDiv(query.length, constant(plan.rows()));
  group = shapes.max(shapes.floorDiv(query.heads, key.heads), constant(1));
  Value cost = shapes.value(nanoseconds());
  Dims trips{batches, query.heads, blocks};
  auto forall =
      scf::ForallOp::create(b, loc, trips, op.getInit(), std::nullopt);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(forall.getTerminator());
    tile::CostOp::create(b, loc, cost);
    block(forall, forall.getInductionVars());
  }
  op.getResult(0).replaceAllUsesWith(forall.getResult(0));
  op.erase();
}

namespace {
struct TileAttentionPass : tw::impl::TileAttentionBase<TileAttentionPass> {
  using TileAttentionBase::TileAttentionBase;

  void runOnOperation() override {
    SmallVector<tile::AttentionOp> ops;
    getOperation().walk([&](tile::AttentionOp op) { ops.push_back(op); });
    if (ops.empty())
      return;
    auto target = CpuTarget::get(cpu);
    if (!target) {
      emitError(getOperation().getLoc(), toString(target.takeError()));
      return signalPassFailure();
    }
    for (tile::AttentionOp op : ops)
      AttentionTiler(op, AttentionPlan(op, *target)).run();
  }
};
} // namespace
