#include "dialects/nn/Recurrent.h"

using namespace tw;
using namespace tw::nn;

static RecurrentNet netOf(RnnOp op) { return RecurrentNet::of(op, 1, 1); }

LogicalResult RnnOp::inferResults(ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  return inferRecurrent(netOf(*this), shapes, results);
}

FailureOr<SmallVector<Value>> RnnOp::decomposeOperation(OpBuilder &b) {
  return decomposeRecurrent(netOf(*this), b, [](RecurrentStep &step) {
    step.forEach([&](Value k) {
      step.setScratch(0, k, step.input(0, k) + step.recurrent(0, k));
    });
    step.forEach([&](Value k) {
      step.setState(0, k, step.activate(0, step.scratch(0, k)));
    });
  });
}
