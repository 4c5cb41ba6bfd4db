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
  auto to = dyn_cast_or_null<TypeAttr>(node.attributes.get("to"));
  if (to && to.getValue() == ShapeBuilder::elementType(node.input(0)))
    return SmallVector<Value>{node.input(0)};
  return node.importAs<CastOp>();
}
