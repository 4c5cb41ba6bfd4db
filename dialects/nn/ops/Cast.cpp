#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult CastOp::verify() {
  StringRef mode = getRoundMode();
  if (mode == "up" || mode == "down" || mode == "nearest")
    return success();
  return emitOpError(
             "attribute 'round_mode': expected up, down or nearest, found ")
         << mode;
}

FailureOr<SmallVector<Value>> CastOp::importOnnx(OnnxNode &node) {
  if (node.type == "CastLike") {
    Type to = ShapeBuilder::elementType(node.inputs.pop_back_val());
    node.attributes.set("to", TypeAttr::get(to));
  }
  auto results = node.importAs<CastOp>();
  if (failed(results) || results->front().getType() != node.input(0).getType())
    return results;
  // A conversion of a type to itself is no op.
  results->front().getDefiningOp()->erase();
  return SmallVector<Value>{node.input(0)};
}
