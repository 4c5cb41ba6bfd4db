#include "dialects/nn/Recurrent.h"

using namespace tw;
using namespace tw::nn;

static RecurrentNet netOf(GruOp op) { return RecurrentNet::of(op, 3, 4); }

LogicalResult GruOp::inferResults(ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  return inferRecurrent(netOf(*this), shapes, results);
}

/// Gates in W's order; then what the state adds to the candidate.
enum Slot : int64_t { kUpdate, kReset, kCandidate, kFromState };

/// h = (1 - z) * candidate + z * h. The reset gate weights h before it is
/// multiplied by R, or the product.
FailureOr<SmallVector<Value>> GruOp::decomposeOperation(OpBuilder &b) {
  bool isLinear = getLinearBeforeReset() != 0;
  return decomposeRecurrent(netOf(*this), b, [&](RecurrentStep &step) {
    step.forEach([&](Value k) {
      for (int64_t gate : {kUpdate, kReset})
        step.setScratch(
            gate, k,
            step.activate(0, step.input(gate, k) + step.recurrent(gate, k)));
      step.setScratch(kCandidate, k, step.input(kCandidate, k));
    });
    step.forEach([&](Value k) {
      Expr fromState =
          isLinear ? step.scratch(kReset, k) * step.recurrent(kCandidate, k)
                   : step.recurrent(kCandidate, k, [&](Value j) {
                       return step.scratch(kReset, j) * step.previous(0, j);
                     });
      step.setScratch(kFromState, k, fromState);
    });
    step.forEach([&](Value k) {
      Expr z = step.scratch(kUpdate, k);
      Expr candidate = step.activate(1, step.scratch(kCandidate, k) +
                                            step.scratch(kFromState, k));
      step.setState(0, k,
                    (step.number(1) - z) * candidate + z * step.previous(0, k));
    });
  });
}
