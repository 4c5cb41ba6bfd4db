#include "passes/ptx/AttentionScores.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace tw;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

Value tw::powerOf(ThreadEmitter &e, Value x, Value y, float exponent) {
  Value factor =
      arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(exponent));
  Value rest = arith::SubFOp::create(e.b, e.loc, x, y);
  return e.power(arith::MulFOp::create(e.b, e.loc, rest, factor));
}

/// The largest term of a sum is about 1, unless nothing was to be seen.
Value tw::reciprocalOf(ThreadEmitter &e, Value sum, bool isNanIfDead) {
  auto number = [&](float value) -> Value {
    return arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(value));
  };
  Value dead =
      number(isNanIfDead ? std::numeric_limits<float>::quiet_NaN() : 0.0f);
  Value isDead = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                       sum, number(0.5f));
  return e.select(isDead, dead,
                  arith::DivFOp::create(e.b, e.loc, number(1), sum));
}

AttentionScores::AttentionScores(ThreadEmitter &e, tile::AttentionOp op,
                                 const QueryBlock &block, ProductFragment &sums,
                                 const AttentionTile &tile)
    : e(e), op(op), block(block), sums(sums), tile(tile), rows(sums.rows()),
      columns(sums.columns()), bias(prepare(op.getBias())),
      mask(prepare(op.getMask())) {}

Value AttentionScores::number(float value) {
  return arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(value));
}

/// A batch repeats; other dims of size 1 are read at 0.
AttentionScores::Extra AttentionScores::prepare(Value buffer) {
  Extra extra;
  if (!buffer)
    return extra;
  extra.view.emplace(e, buffer);
  const GlobalView &view = *extra.view;
  extra.isPerQuery = view.type.getDimSize(3) == 1;
  extra.element = view.element.isInteger(1) ? e.b.getI8Type() : view.element;
  Value batch = e.sub(block.batch,
                      e.mul(e.div(block.batch, view.sizes[0]), view.sizes[0]));
  Value head = e.min(block.head, e.add(view.sizes[1], -1));
  Value offset =
      e.add(e.mul(batch, view.strides[0]), e.mul(head, view.strides[1]));
  extra.pointer = e.at(view.pointer, extra.element, offset);
  return extra;
}

/// The element for a row of the block and a key that exists.
Value AttentionScores::load(const Extra &extra, Value row, Value key) {
  const GlobalView &view = *extra.view;
  Value at =
      e.min(e.toI64(e.add(block.firstRow, row)), e.add(view.sizes[2], -1));
  Value offset = e.mul(at, view.strides[2]);
  if (!extra.isPerQuery)
    offset = e.add(offset, e.mul(e.toI64(key), view.strides[3]));
  return e.load(e.at(extra.pointer, extra.element, offset), extra.element);
}

Value AttentionScores::capped(Value score) {
  float cap = op.getSoftcap().convertToFloat();
  if (cap <= 0)
    return score;
  score = arith::MulFOp::create(e.b, e.loc, score, number(1 / cap));
  score = math::TanhOp::create(e.b, e.loc, score);
  return arith::MulFOp::create(e.b, e.loc, score, number(cap));
}

Value AttentionScores::biased(Value score, Value row, Value key) {
  if (!op.getBias())
    return score;
  Value added = load(bias, row, key);
  if (!added.getType().isF32())
    added = arith::ExtFOp::create(e.b, e.loc, e.b.getF32Type(), added);
  return arith::AddFOp::create(e.b, e.loc, score, added);
}

Value AttentionScores::masked(Value score, Value row, Value key) {
  if (!op.getMask())
    return score;
  float other =
      op.getMaskValue() ? op.getMaskValue()->convertToFloat() : -kInfinity;
  Value isHidden = e.isZero(load(mask, row, key));
  return e.select(isHidden, number(other), score);
}

/// Of more keys than there can be, it does not matter how many.
static int64_t window(tile::AttentionOp op) {
  return std::min<int64_t>(op.getWindow(), QueryBlock::kFar);
}

/// Whether a row and a key of the step exist of which the row does not see the
/// key.
Value AttentionScores::mayBeCut(Value key) {
  Value end = e.add(key, tile.keys);
  Value cut = e.isLess(block.endKey, end);
  if (!op.getCausal())
    return cut;
  Value first = e.add(block.place, 1);
  cut = e.either(cut, e.isLess(first, end));
  if (op.getWindow() <= 0)
    return cut;
  Value last = e.add(block.place, block.height - 1 - window(op));
  return e.either(cut, e.isLess(key, e.add(last, 1)));
}

SmallVector<Value> AttentionScores::cut(ValueRange scores, Value key) {
  SmallVector<Value> result(scores);
  for (auto [j, column] : llvm::enumerate(columns)) {
    Value at = e.add(key, column);
    Value exists = e.isLess(at, block.endKey);
    for (auto [i, row] : llvm::enumerate(rows)) {
      Value seen = exists;
      if (op.getCausal()) {
        Value place = e.add(block.place, row);
        seen = e.both(seen, e.isLess(at, e.add(place, 1)));
        if (op.getWindow() > 0)
          seen = e.both(seen, e.isLess(e.add(place, -window(op)), at));
      }
      Value &score = result[sums.place(i, j)];
      score = e.select(seen, score, number(-kInfinity));
    }
  }
  return result;
}

SmallVector<Value> AttentionScores::finish(ValueRange products, Value key,
                                           Cut isCut) {
  SmallVector<Value> scores(products);
  Value scale = number(op.getScale().convertToFloat());
  Value lastKey = e.add(block.endKey, -1);
  for (auto [j, column] : llvm::enumerate(columns)) {
    Value at = e.min(e.add(key, column), lastKey);
    for (auto [i, row] : llvm::enumerate(rows)) {
      Value &score = scores[sums.place(i, j)];
      if (!tile.foldsScale)
        score = capped(arith::MulFOp::create(e.b, e.loc, score, scale));
      score = op.getMaskLast() ? masked(biased(score, row, at), row, at)
                               : biased(masked(score, row, at), row, at);
    }
  }
  if (isCut == Cut::Never)
    return scores;
  if (isCut == Cut::Always)
    return cut(scores, key);
  return e.chooseAll(
      mayBeCut(key), [&] { return cut(scores, key); }, [&] { return scores; });
}
