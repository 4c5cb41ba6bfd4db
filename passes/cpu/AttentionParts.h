// What the parts of the attention loop on registers are written with.
#pragma once

#include "passes/cpu/AttentionPlan.h"
#include "passes/cpu/PointerEmitter.h"
#include "passes/cpu/VectorEmitter.h"

namespace tw {

/// A matrix in memory: element (i, j) at pointer + i * stride + j.
struct Rows {
  Value pointer, stride;
  Type element;

  static Rows of(PointerEmitter &e, Value memref) {
    BufferView view = e.view(memref);
    return {view.pointer, view.strides[0], view.element};
  }
};

/// What the lowerings of the loop's three parts share.
class PartEmitter {
public:
  PartEmitter(Operation *op, OpBuilder &b, const CpuTarget &target)
      : e(b, op, target), vectors(b, op->getLoc(), target) {}

protected:
  VectorType floats() { return e.vector; }
  Value constantVector(float number) { return e.splat(number); }
  Value widen(Value vector) { return vectors.widen(vector, e.b.getF32Type()); }
  /// `count` elements (of all lanes, those beyond are 0) at `pointer`, as f32.
  Value loadWide(Value pointer, Type element, int64_t count) {
    return widen(e.load(pointer, count, element));
  }
  Value larger(Value x, Value y) {
    Value more =
        arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGT, x, y);
    return arith::SelectOp::create(e.b, e.loc, more, x, y);
  }
  template <typename OpT>
  Value make(Value x, Value y) {
    return OpT::create(e.b, e.loc, x, y);
  }
  /// `bytes` of workspace from `offset` on.
  Value scratch(Value offset, int64_t bytes) {
    auto type = MemRefType::get({ShapedType::kDynamic}, e.b.getI8Type());
    Value memory =
        tile::WorkspaceOp::create(e.b, e.loc, type, offset, e.index(bytes));
    return e.view(memory).pointer;
  }

  PointerEmitter e;
  VectorEmitter vectors;
};

} // namespace tw
