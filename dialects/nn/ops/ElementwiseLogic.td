// Comparisons, choices, and operations on conditions and on bits.
#ifndef TW_NN_ELEMENTWISE_LOGIC
#define TW_NN_ELEMENTWISE_LOGIC

include "dialects/nn/ops/Elementwise.td"

def NN_EqualOp : NN_Binary<"equal", "Equal", "x == y", AnyRankedTensor, Bool>;
def NN_LessOp : NN_Binary<"less", "Less", "x < y", AnyRankedTensor, Bool>;
def NN_LessOrEqualOp : NN_Binary<"less_or_equal", "LessOrEqual", "x <= y", AnyRankedTensor, Bool>;
def NN_GreaterOp : NN_Binary<"greater", "Greater", "x > y", AnyRankedTensor, Bool>;
def NN_GreaterOrEqualOp : NN_Binary<"greater_or_equal", "GreaterOrEqual", "x >= y", AnyRankedTensor, Bool>;

def NN_AndOp : NN_Binary<"and", "And", "x & y", NN_Bools>;
def NN_OrOp : NN_Binary<"or", "Or", "x | y", NN_Bools>;
def NN_XorOp : NN_Binary<"xor", "Xor", "x ^ y", NN_Bools>;
def NN_NotOp : NN_Unary<"not", "Not", "~x", NN_Bools>;

def NN_BitwiseAndOp : NN_Binary<"bitwise_and", "BitwiseAnd", "x & y", NN_Integers>;
def NN_BitwiseOrOp : NN_Binary<"bitwise_or", "BitwiseOr", "x | y", NN_Integers>;
def NN_BitwiseXorOp : NN_Binary<"bitwise_xor", "BitwiseXor", "x ^ y", NN_Integers>;
def NN_BitwiseNotOp : NN_Unary<"bitwise_not", "BitwiseNot", "~x", NN_Integers>;

def NN_BitShiftOp : NN_Binary<"bit_shift", "BitShift",
    "op.getDirection() == \"LEFT\" ? shiftLeft(x, y) : shiftRight(x, y)", NN_Integers> {
  let arguments = (ins NN_Integers:$a, NN_Integers:$b, StrAttr:$direction);
  let description = [{
    ONNX BitShift. A shift by the width or more gives 0.
    `%r = nn.bit_shift %x, %y {direction = "LEFT"} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>`
  }];
  let hasVerifier = 1;
}

def NN_IsNanOp : NN_Unary<"is_nan", "IsNaN", "isNan(x)", NN_Floats, Bool>;
def NN_IsInfOp : NN_Unary<"is_inf", "IsInf", "isInf(x, op.getDetectPositive(), op.getDetectNegative())", NN_Floats, Bool> {
  let arguments = (ins NN_Floats:$x, DefaultValuedAttr<I64Attr, "1">:$detect_negative,
                       DefaultValuedAttr<I64Attr, "1">:$detect_positive);
}

def NN_WhereOp : NN_Elementwise<"where", "Where", (ins NN_Bools:$condition, AnyRankedTensor:$x, AnyRankedTensor:$y),
    "return arith::SelectOp::create(b, loc, args[0], args[1], args[2]);",
    "::tw::ShapeBuilder::elementType(op.getX())", [AllElementTypesMatch<["x", "y"]>]> {
  let summary = "result = condition ? x : y, element by element with broadcasting";
  let description = "ONNX Where. `%r = nn.where %c, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>`";
}

#endif
