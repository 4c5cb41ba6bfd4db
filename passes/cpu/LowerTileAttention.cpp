// The parts of the attention loop on registers: queries are packed, one block
// of keys after the other is AttentionStep's, results are unpacked.
#include "passes/Passes.h"
#include "passes/cpu/AttentionStep.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILEATTENTION
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// tile.pack_queries: squares of vectors, transposed. Rows beyond the last one
/// repeat it: what is computed from them is not stored.
class PackEmitter : PartEmitter {
public:
  PackEmitter(tile::PackQueriesOp op, OpBuilder &b, const CpuTarget &target)
      : PartEmitter(op, b, target), op(op), source(Rows::of(e, op.getRows())),
        packed(e.view(op.getInit())) {}

  void emit() {
    auto shape = cast<MemRefType>(op.getInit().getType()).getShape();
    int64_t size = shape[1], width = shape[2];
    Value count = e.size(op.getRows(), 0);
    Value last = e.sub(count, 1);
    Value factor = constantVector(op.getScale().convertToFloat());
    e.loop(e.index(0), count, e.lanes, [&](Value row) {
      Value panel = e.div(row, e.index(width)),
            lane = e.rem(row, e.index(width));
      Value target =
          e.at(packed.pointer, e.add(e.mul(panel, size * width), lane));
      SmallVector<Value> rows;
      for (int64_t i = 0; i < e.lanes; ++i)
        rows.push_back(e.at(source.pointer,
                            e.mul(e.min(e.add(row, i), last), source.stride),
                            source.element));
      e.loop(e.index(0), e.index(size / e.lanes * e.lanes), e.lanes,
             [&](Value d) { square(rows, d, e.lanes, factor, target, width); });
      if (int64_t rest = size % e.lanes)
        square(rows, e.index(size - rest), rest, factor, target, width);
    });
  }

private:
  void square(ArrayRef<Value> rows, Value d, int64_t count, Value factor,
              Value target, int64_t width) {
    SmallVector<Value> square;
    for (Value row : rows)
      square.push_back(make<arith::MulFOp>(
          loadWide(e.at(row, d, source.element), source.element, count),
          factor));
    Value at = e.at(target, e.mul(d, width));
    for (auto [i, column] : llvm::enumerate(vectors.transpose(square)))
      if (static_cast<int64_t>(i) < count)
        e.store(column, e.at(at, i * width), e.lanes);
  }

  tile::PackQueriesOp op;
  Rows source;
  BufferView packed;
};

/// tile.attention_finish: the way back.
class FinishEmitter : PartEmitter {
public:
  FinishEmitter(tile::AttentionFinishOp op, OpBuilder &b,
                const CpuTarget &target)
      : PartEmitter(op, b, target), op(op), result(Rows::of(e, op.getInit())),
        sums(e.view(op.getSum())), accumulators(e.view(op.getAccumulator())) {}

  void emit() {
    auto shape = cast<MemRefType>(op.getAccumulator().getType()).getShape();
    int64_t size = shape[1], width = shape[2];
    Value count = e.size(op.getInit(), 0);
    nowhere = scratch(e.index(0), e.lanes * int64_t(sizeof(float)));
    e.loop(e.index(0), count, e.lanes, [&](Value row) {
      Value panel = e.div(row, e.index(width)),
            lane = e.rem(row, e.index(width));
      Value inverse = reciprocal(e.at(sums.pointer, row));
      Value from =
          e.at(accumulators.pointer, e.add(e.mul(panel, size * width), lane));
      SmallVector<Value> offsets, inside;
      for (int64_t i = 0; i < e.lanes; ++i) {
        offsets.push_back(e.mul(e.add(row, i), result.stride));
        inside.push_back(e.isBelow(e.add(row, i), count));
      }
      auto store = [&](Value d, int64_t components) {
        square(from, d, components, width, inverse, offsets, inside);
      };
      e.loop(e.index(0), e.index(size / e.lanes * e.lanes), e.lanes,
             [&](Value d) { store(d, e.lanes); });
      if (int64_t rest = size % e.lanes)
        store(e.index(size - rest), rest);
    });
  }

private:
  /// 1 / sum. The largest term of a sum is 1, unless nothing was to be seen.
  Value reciprocal(Value pointer) {
    Value sum = e.load(pointer, e.lanes);
    Value dead = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                       sum, constantVector(0.5f));
    float number = op.getDeadRows() == "nan"
                       ? std::numeric_limits<float>::quiet_NaN()
                       : 0.0f;
    Value inverse = make<arith::DivFOp>(constantVector(1.0f), sum);
    return arith::SelectOp::create(e.b, e.loc, dead, constantVector(number),
                                   inverse);
  }

  Value narrow(Value vector) {
    Type element = result.element;
    if (element.isF32())
      return vector;
    return arith::TruncFOp::create(e.b, e.loc,
                                   VectorType::get(e.lanes, element), vector);
  }

  void square(Value from, Value d, int64_t count, int64_t width, Value inverse,
              ArrayRef<Value> offsets, ArrayRef<Value> inside) {
    Value at = e.at(from, e.mul(d, width));
    SmallVector<Value> square;
    for (int64_t i = 0; i < e.lanes; ++i) {
      int64_t component = std::min(i, count - 1);
      square.push_back(make<arith::MulFOp>(
          e.load(e.at(at, component * width), e.lanes), inverse));
    }
    SmallVector<Value> rows = vectors.transpose(square);
    for (int64_t i = 0; i < e.lanes; ++i) {
      Value pointer =
          e.at(result.pointer, e.add(offsets[i], d), result.element);
      e.store(narrow(rows[i]), e.select(inside[i], pointer, nowhere), count);
    }
  }

  tile::AttentionFinishOp op;
  Rows result;
  BufferView sums, accumulators;
  Value nowhere; ///< where rows beyond the last one go
};

struct LowerTileAttentionPass
    : tw::impl::LowerTileAttentionBase<LowerTileAttentionPass> {
  using LowerTileAttentionBase::LowerTileAttentionBase;

  void runOnOperation() override {
    auto lower = [](auto tag) {
      return [](auto op, OpBuilder &b, const CpuTarget &target) {
        typename decltype(tag)::type(op, b, target).emit();
      };
    };
    if (failed(lowerTileOps<tile::PackQueriesOp>(
            getOperation(), cpu, lower(std::type_identity<PackEmitter>()))) ||
        failed(lowerTileOps<tile::AttentionStepOp>(
            getOperation(), cpu,
            lower(std::type_identity<AttentionStepEmitter>()))) ||
        failed(lowerTileOps<tile::AttentionFinishOp>(
            getOperation(), cpu, lower(std::type_identity<FinishEmitter>()))))
      signalPassFailure();
  }
};

} // namespace
