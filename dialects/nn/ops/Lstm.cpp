#include "dialects/nn/Recurrent.h"

using namespace tw;
using namespace tw::nn;

static RecurrentNet netOf(LstmOp op) {
  RecurrentNet net = RecurrentNet::of(op, 4, 4);
  net.initial.push_back(op.getInitialC());
  return net;
}

LogicalResult LstmOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  return inferRecurrent(netOf(*this), shapes, results);
}

/// Gates in W's order, and parts of the peepholes in P's.
enum Gate : int64_t { kInput, kOutput, kForget, kCell };
enum Peephole : int64_t { kToInput, kToOutput, kToForget };

/// c = f * c + i * candidate, h = o * act(c); gates may look at the cell.
FailureOr<SmallVector<Value>> LstmOp::decomposeOperation(OpBuilder &b) {
  return decomposeRecurrent(netOf(*this), b, [&](RecurrentStep &step) {
    auto gate = [&](Gate which, Peephole peephole, Expr cell, Value k) {
      Expr x = step.scratch(which, k);
      return step.activate(
          0, getP() ? x + step.vectorElement(getP(), peephole, k) * cell : x);
    };
    step.forEach([&](Value k) {
      for (int64_t which : {kInput, kOutput, kForget, kCell})
        step.setScratch(which, k,
                        step.input(which, k) + step.recurrent(which, k));
    });
    step.forEach([&](Value k) {
      Expr before = step.previous(1, k);
      Expr in = gate(kInput, kToInput, before, k);
      Expr keep = getInputForget() ? step.number(1) - in
                                   : gate(kForget, kToForget, before, k);
      Expr cell = keep * before + in * step.activate(1, step.scratch(kCell, k));
      Expr out = gate(kOutput, kToOutput, cell, k);
      step.setState(1, k, cell);
      step.setState(0, k, out * step.activate(2, cell));
    });
  });
}
