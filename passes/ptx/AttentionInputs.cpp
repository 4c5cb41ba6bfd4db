#include "passes/ptx/AttentionInputs.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace tw;

AttentionHeads::AttentionHeads(ThreadEmitter &e, tile::AttentionOp op,
                               Value buffer, StringRef name)
    : view(e, buffer), head(1), length(2) {
  if (isInterleaved(op, name))
    std::swap(head, length);
}

GlobalRows AttentionHeads::rows(ThreadEmitter &e, Value batch, Value index,
                                Value first) const {
  Value offset = e.add(
      e.add(e.mul(batch, view.strides[0]), e.mul(index, view.strides[head])),
      first);
  return {e.at(view.pointer, view.element, offset), view.strides[length],
          e.toI32(e.sub(view.sizes[3], first)), view.element,
          view.isAligned(e, {0, 1, 2})};
}

memref::StoreOp tw::onlyStore(Value tensor, tile::AttentionOp op) {
  auto alloc = tensor ? tensor.getDefiningOp<memref::AllocOp>() : nullptr;
  if (!alloc || alloc.getType().getShape() != ArrayRef<int64_t>{1} ||
      !llvm::hasNItems(alloc->getUses(), 2))
    return {};
  for (Operation *user : alloc->getUsers())
    if (auto store = dyn_cast<memref::StoreOp>(user);
        store && store.getMemRef() == tensor &&
        store->getBlock() == op->getBlock() && store->isBeforeInBlock(op))
      return store;
  return {};
}

AttentionInputs::AttentionInputs(ThreadEmitter &e, tile::AttentionOp op,
                                 int64_t rows, Value batch, Value head,
                                 Value number, Value firstValue)
    : e(e), op(op) {
  AttentionHeads queries(e, op, op.getQ(), "q"), keys(e, op, op.getK(), "k"),
      values(e, op, op.getV(), "v");
  block.height = rows;
  block.batch = batch;
  block.head = head;
  Value count, firstRow = e.mul(number, rows);
  block.firstRow = e.toI32(firstRow);
  std::tie(queriesStart, count) =
      rowsOfBatch(op.getQueryStarts(), queries.size(queries.length));
  queryCount = e.toI32(e.sub(count, firstRow));
  Value place = e.add(firstRow, perBatch(op.getOffsets(), e.i64(0)));
  block.place = e.toI32(
      e.max(e.min(place, e.i64(QueryBlock::kFar)), e.i64(-QueryBlock::kFar)));
  findKeys(keys, values);
  placeRows(queries, keys, values, firstValue);
}

/// tensor[batch], or tensor[0] where it holds one element; `missing` where
/// there is no tensor.
Value AttentionInputs::perBatch(Value tensor, Value missing) {
  if (!tensor)
    return missing;
  if (memref::StoreOp store = onlyStore(tensor, op))
    return e.toI64(store.getValueToStore());
  GlobalView view(e, tensor);
  Value isOne = e.isZero(e.add(view.sizes[0], -1));
  Value at = e.select(isOne, e.i64(0), block.batch);
  return e.toI64(e.load(view.address(e, at), view.element));
}

/// The batch's first row and how many rows it has of `all`, where sequences lie
/// one after the other; whatever `starts` says, they exist.
std::pair<Value, Value> AttentionInputs::rowsOfBatch(Value starts, Value all) {
  if (!starts)
    return {e.i64(0), all};
  GlobalView view(e, starts);
  auto start = [&](Value at) {
    Value row = e.toI64(e.load(view.address(e, at), view.element));
    return e.max(e.min(row, all), e.i64(0));
  };
  Value first = start(block.batch), next = start(e.add(block.batch, 1));
  return {first, e.max(e.sub(next, first), e.i64(0))};
}

/// The keys that some row of the block sees.
void AttentionInputs::findKeys(const AttentionHeads &keys,
                               const AttentionHeads &values) {
  Value all = keys.size(keys.length), end;
  if (op.getBlockTable())
    all = e.mul(GlobalView(e, op.getBlockTable()).sizes[1], all);
  std::tie(keysStart, end) = rowsOfBatch(op.getKeyStarts(), all);
  if (op.getLengths())
    end = e.min(perBatch(op.getLengths(), end), end);
  if (!op.getBlockTable())
    end = e.min(end, e.sub(values.size(values.length), keysStart));
  for (Value extra : {op.getBias(), op.getMask()})
    if (extra && tile::dimOf(extra, 3) != 1)
      end = e.min(end, GlobalView(e, extra).sizes[3]);
  end = e.toI32(e.max(end, e.i64(0)));
  block.firstKey = e.i32(0);
  if (op.getCausal()) {
    Value rows = e.min(queryCount, e.i32(block.height));
    end = e.min(end, e.add(block.place, rows));
    if (op.getWindow() > 0) {
      int64_t window = std::min<int64_t>(op.getWindow(), QueryBlock::kFar);
      block.firstKey = e.max(e.add(block.place, 1 - window), e.i32(0));
    }
  }
  // The grid has blocks for the longest sequence that there may be.
  if (op.getQueryStarts())
    end = e.select(e.isLess(e.i32(0), queryCount), end, block.firstKey);
  block.endKey = end;
}

/// Rows of keys or values.
GlobalRows AttentionInputs::keyRows(const AttentionHeads &of, Value first) {
  auto inside = [&](Value index, unsigned dim) {
    return e.min(index, e.add(of.size(dim), -1));
  };
  GlobalRows rows =
      of.rows(e, inside(sharedBatch, 0), inside(sharedHead, of.head), first);
  if (!op.getBlockTable()) {
    rows.skip(e, keysStart);
    return rows;
  }
  GlobalView table(e, op.getBlockTable());
  rows.pages =
      RowPages{table.address(e, {block.batch, e.i64(0)}), of.view.strides[0],
               of.size(0), table.element, tile::dimOf(op.getK(), 1)};
  return rows;
}

void AttentionInputs::placeRows(const AttentionHeads &queries,
                                const AttentionHeads &keys,
                                const AttentionHeads &values,
                                Value firstValue) {
  // Sequences one after the other are one batch of rows.
  Value batch = op.getQueryStarts() ? e.i64(0) : block.batch;
  // Heads of queries share those of keys; a batch or head of 1 stretches.
  Value group = e.max(
      e.div(queries.size(queries.head), e.max(keys.size(keys.head), e.i64(1))),
      e.i64(1));
  sharedBatch = e.min(batch, e.add(keys.size(0), -1));
  sharedHead = e.min(e.div(block.head, group), e.add(keys.size(keys.head), -1));
  k = keyRows(keys, e.i64(0));
  v = keyRows(values, firstValue);
  q = queries.rows(e, batch, block.head, e.i64(0));
  AttentionHeads results(e, op, op.getInit(), "y");
  y = results.rows(e, batch, block.head, firstValue);
  int64_t bytes = kStored * results.view.element.getIntOrFloatBitWidth() / 8;
  y.isAligned = results.view.isAligned(e, {0, 1, 2}, bytes);
  q.skip(e, queriesStart), y.skip(e, queriesStart);
}
