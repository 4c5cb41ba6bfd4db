// The parts of elementwise ops that are more than an expression.
#include "dialects/nn/NN.h"

#include "mlir/IR/Matchers.h"

using namespace tw;
using namespace tw::nn;

static LogicalResult expectOneOf(Operation *op, StringRef attribute,
                                 StringRef found, StringRef first,
                                 StringRef second) {
  if (found == first || found == second)
    return success();
  return op->emitOpError("attribute '")
         << attribute << "': expected " << first << " or " << second
         << ", found " << found;
}

LogicalResult BitShiftOp::verify() {
  return expectOneOf(*this, "direction", getDirection(), "LEFT", "RIGHT");
}

LogicalResult GeluOp::verify() {
  return expectOneOf(*this, "approximate", getApproximate(), "none", "tanh");
}

/// Up to opset 6 a slope per channel lay along the second dim.
FailureOr<SmallVector<Value>> PreluOp::importOnnx(OnnxNode &node) {
  auto slope = cast<RankedTensorType>(node.input(1).getType());
  int64_t inner = ShapeBuilder::rank(node.input(0)) - 2;
  if (node.since < 7 && slope.getRank() == 1 && slope.getDimSize(0) != 1 &&
      inner > 0) {
    SmallVector<int64_t> shape(inner + 1, 1);
    shape.front() = 0;
    auto perChannel =
        node.build<ReshapeOp>({node.input(1), node.constant(shape)});
    if (failed(perChannel))
      return failure();
    node.setInput(1, *perChannel);
  }
  return node.importAs<PreluOp>();
}

/// The value that all elements of a constant have.
static std::optional<double> knownElement(Value tensor) {
  DenseElementsAttr attr;
  if (!matchPattern(tensor, m_Constant(&attr)) || !attr.isSplat())
    return std::nullopt;
  if (auto value = dyn_cast<FloatAttr>(attr.getSplatValue<Attribute>()))
    return value.getValueAsDouble();
  return cast<IntegerAttr>(attr.getSplatValue<Attribute>())
      .getValue()
      .roundToDouble(!attr.getElementType().isUnsignedInteger());
}

/// Integers of different widths meet in i64; all else in the wider float, at
/// least f32.
static Type powType(OpBuilder &b, Type x, Type y) {
  if (isa<IntegerType>(x) && isa<IntegerType>(y))
    return x == y ? x : Type(b.getI64Type());
  Type floating = isa<FloatType>(x) ? x : y;
  bool isWide = x.getIntOrFloatBitWidth() > 32 && isa<IntegerType>(x);
  return isWide ? b.getF64Type() : wideElement(floating);
}

Value PowOp::buildPower(OpBuilder &b, Location loc, ValueRange args) {
  Type x = ShapeBuilder::elementType(getX()),
       y = ShapeBuilder::elementType(getY());
  Type type = powType(b, x, y);
  bool isUnsigned = type.isUnsignedInteger();
  Scalar base(b, loc, convertScalar(b, loc, args[0], x, type), isUnsigned);
  Scalar exponent(b, loc, convertScalar(b, loc, args[1], y, type), isUnsigned);
  Value result = pow(base, exponent, knownElement(getY()));
  return convertScalar(b, loc, result, type, x);
}
