#include "passes/ptx/ProductResults.h"

#include "passes/ptx/Points.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;

namespace {

/// Elements between the ends of the tile's rows.
constexpr int64_t kPadding = 8;
/// Results that a thread stores at once.
constexpr int64_t kStored = 4;

Value addSums(OpBuilder &b, Location loc, Value x, Value y) {
  if (isa<IntegerType>(x.getType()))
    return arith::AddIOp::create(b, loc, x, y);
  return arith::AddFOp::create(b, loc, x, y);
}

/// Whether four results in a row are neighbours in memory.
bool areNeighbours(const GlobalView &init, Value result) {
  return init.element.getIntOrFloatBitWidth() >= 8 && hasRows(result);
}

int64_t storedBytes(const GlobalView &init) {
  int64_t bytes = kStored * init.element.getIntOrFloatBitWidth() / 8;
  return std::min<int64_t>(16, bytes);
}

} // namespace

bool tw::hasRows(Value buffer) {
  return cast<MemRefType>(buffer.getType()).isLastDimUnitStride();
}

int64_t ProductResults::pitch(const ProductTile &tile) {
  return tile.columns + kPadding;
}

ProductResults::ProductResults(OpBuilder &b, EpilogueOpInterface op,
                               ProductSource &source)
    : b(b), op(op), source(source), sum(op.getAccumulatorType()),
      shapes(b, op.getLoc()), rowCount(shapes.value(source.rows())),
      columnCount(shapes.value(source.columns())), result(op.getDpsInits()[0]) {
}

void ProductResults::split(const ProductTile &tile) {
  auto steps = source.knownSteps(tile);
  if (!steps)
    return;
  splits = chooseSplits(tile, source.batch(), source.rows(), source.columns(),
                        *steps);
  if (splits == 1)
    return;
  perSplit = llvm::divideCeil(*steps, splits);
  SmallVector<int64_t> shape{splits};
  llvm::append_range(shape, cast<MemRefType>(result.getType()).getShape());
  result = memref::AllocOp::create(b, op.getLoc(), MemRefType::get(shape, sum));
}

Dims ProductResults::trips(const ProductTile &tile) {
  return {shapes.mul(source.batch(), shapes.constant(splits)),
          shapes.ceilDiv(source.rows(), shapes.constant(tile.rows)),
          shapes.ceilDiv(source.columns(), shapes.constant(tile.columns))};
}

void ProductResults::addPartials() {
  if (splits == 1)
    return;
  Location loc = op.getLoc();
  Value init = op.getDpsInits()[0];
  auto points = createPoints(b, loc, memref::getMixedSizes(b, loc, init));
  SmallVector<Value> at(points.getInductionVars());
  Value all;
  for (int64_t i = 0; i < splits; ++i) {
    SmallVector<Value> place{arith::ConstantIndexOp::create(b, loc, i)};
    llvm::append_range(place, at);
    Value part = memref::LoadOp::create(b, loc, result, place);
    all = all ? addSums(b, loc, all, part) : part;
  }
  memref::StoreOp::create(b, loc, finishElement(b, op, all, at), init, at);
}

void ProductResults::enter(ThreadEmitter &emitter, const ProductTile &of,
                           ValueRange at) {
  e = &emitter;
  tile = of;
  firstRow = e->mul(e->toI64(at[1]), tile.rows);
  firstColumn = e->mul(e->toI64(at[2]), tile.columns);
  Value batch = e->toI64(at[0]);
  if (splits > 1) {
    part = e->rem(batch, splits);
    batch = e->div(batch, splits);
  }
  source.enter(*e, tile, batch, firstRow, firstColumn);
}

std::pair<Value, Value> ProductResults::steps() {
  Value steps = source.steps();
  if (splits == 1)
    return {e->i32(0), steps};
  Value first = e->mul(e->toI32(part), perSplit);
  return {first, e->min(e->sub(steps, first), e->i32(perSplit))};
}

/// Four neighbours per thread and turn, so that a warp writes rows.
void ProductResults::store(Value from, Value thread, int64_t threads) {
  memory = from;
  int64_t perRow = tile.columns / kStored;
  GlobalView init(*e, result);
  e->loop(e->i32(0), e->i32(tile.rows * perRow / threads), 1, {},
          [&](Value turn, ValueRange) -> SmallVector<Value> {
            Value number = e->add(e->mul(turn, threads), thread);
            Value row = e->div(number, perRow),
                  column = e->mul(e->rem(number, perRow), kStored);
            Value isRow =
                e->isLess(e->add(firstRow, e->toI64(row)), e->toI64(rowCount));
            e->ifThen(isRow, [&] { storeFour(init, row, column); });
            return {};
          });
}

Value ProductResults::isAligned(Value pointer, int64_t bytes) {
  Value address =
      LLVM::PtrToIntOp::create(e->b, e->loc, e->b.getI64Type(), pointer);
  return e->isZero(e->bitAnd(address, bytes - 1));
}

Value ProductResults::sumAt(Value row, Value column) {
  Value offset = e->add(e->mul(row, pitch(tile)), column);
  return e->at(memory, sum, offset);
}

Value ProductResults::finish(Value value, ValueRange at) {
  if (splits > 1)
    return value;
  SmallVector<Value> indices;
  for (Value index : at)
    indices.push_back(e->b.createOrFold<arith::IndexCastOp>(
        e->loc, e->b.getIndexType(), index));
  return finishElement(e->b, op, value, indices);
}

void ProductResults::storeFour(const GlobalView &init, Value row,
                               Value column) {
  SmallVector<Value> at = source.resultIndices(row, column);
  if (splits > 1)
    at.insert(at.begin(), part);
  Value left =
      e->sub(e->toI64(columnCount), e->add(firstColumn, e->toI64(column)));
  auto single = [&] { storeSingly(init, at, left, row, column); };
  if (!areNeighbours(init, result))
    return single();
  Value to = init.address(*e, at);
  Value isFull = e->isLess(e->i64(kStored - 1), left);
  e->ifThen(
      e->both(isFull, isAligned(to, storedBytes(init))),
      [&] { storeVector(init, to, at, row, column); }, single);
}

void ProductResults::storeVector(const GlobalView &init, Value to,
                                 SmallVector<Value> at, Value row,
                                 Value column) {
  auto vector = VectorType::get(kStored, sum);
  // Volatile: LLVM takes a vector that is only extracted from apart, and the
  // four loads have the banks' conflicts that one does not have.
  Value sums = LLVM::LoadOp::create(e->b, e->loc, vector, sumAt(row, column),
                                    /*alignment=*/16, /*isVolatile=*/true);
  SmallVector<Value> results;
  Value first = at.back();
  for (int64_t i = 0; i < kStored; ++i) {
    at.back() = e->add(first, i);
    results.push_back(
        finish(vector::ExtractOp::create(e->b, e->loc, sums, i), at));
  }
  Value stored = vector::FromElementsOp::create(
      e->b, e->loc, VectorType::get(kStored, init.element), results);
  e->store(stored, to, storedBytes(init));
}

void ProductResults::storeSingly(const GlobalView &init, SmallVector<Value> at,
                                 Value left, Value row, Value column) {
  Value first = at.back();
  Value end = e->toI32(e->max(e->i64(0), e->min(left, e->i64(kStored))));
  e->loop(e->i32(0), end, 1, {},
          [&](Value i, ValueRange) -> SmallVector<Value> {
            at.back() = e->add(first, e->toI64(i));
            Value single = e->load(sumAt(row, e->add(column, i)), sum);
            e->store(finish(single, at), init.address(*e, at));
            return {};
          });
}
