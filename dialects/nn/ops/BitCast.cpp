#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// Bits of an element in memory, where a truth value takes a byte.
static unsigned widthOf(Type element) {
  return element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth();
}

LogicalResult BitCastOp::verify() {
  Type from = ShapeBuilder::elementType(getInput());
  if (widthOf(from) == widthOf(getTo()))
    return success();
  return emitOpError("attribute 'to': expected a type as wide as ")
         << from << ", found " << getTo();
}
