// Elementwise ops: one row each. Body variables: see NN_Elementwise.
#ifndef TW_NN_ELEMENTWISE
#define TW_NN_ELEMENTWISE

include "dialects/nn/NN.td"

defvar Unary = (ins AnyTensor:$x);
defvar Binary = (ins AnyTensor:$a, AnyTensor:$b);
defvar Bool = "::mlir::IntegerType::get(op->getContext(), 1)";

class NN_UnaryFloat<string mnemonic, string onnxName, string mathOp>
    : NN_Elementwise<mnemonic, onnxName, Unary, "return ::mlir::" # mathOp # "::create(b, loc, args[0]);"> {
  let summary = "result = " # mnemonic # "(x), element by element";
  let description = "`%y = nn." # mnemonic # " %x : (tensor<4xf32>) -> tensor<4xf32>`";
}
class NN_Arithmetic<string mnemonic, string onnxName, string floatOp, string signedOp, string unsignedOp = signedOp>
    : NN_Elementwise<mnemonic, onnxName, Binary, [{
        if (isFloat)
          return ::mlir::arith::}] # floatOp # [{::create(b, loc, args[0], args[1]);
        if (isUnsigned)
          return ::mlir::arith::}] # unsignedOp # [{::create(b, loc, args[0], args[1]);
        return ::mlir::arith::}] # signedOp # "::create(b, loc, args[0], args[1]);"> {
  let summary = "result = " # mnemonic # "(a, b), element by element with broadcasting";
  let description = "`%y = nn." # mnemonic # " %a, %b : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>`";
}

def NN_AddOp : NN_Arithmetic<"add", "Add", "AddFOp", "AddIOp">;
def NN_SubOp : NN_Arithmetic<"sub", "Sub", "SubFOp", "SubIOp">;
def NN_MulOp : NN_Arithmetic<"mul", "Mul", "MulFOp", "MulIOp">;
def NN_DivOp : NN_Arithmetic<"div", "Div", "DivFOp", "DivSIOp", "DivUIOp">;

def NN_ExpOp : NN_UnaryFloat<"exp", "Exp", "math::ExpOp">;
def NN_SqrtOp : NN_UnaryFloat<"sqrt", "Sqrt", "math::SqrtOp">;

def NN_ReluOp : NN_Elementwise<"relu", "Relu", Unary, [{
    Value zero = ::tw::nn::constantLike(b, loc, type, 0.0);
    if (!isFloat)
      return arith::MaxSIOp::create(b, loc, args[0], zero);
    // A comparison, not maximumf: NaN stays NaN.
    Value negative = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, args[0], zero);
    return arith::SelectOp::create(b, loc, negative, zero, args[0]);
  }]> {
  let summary = "result = max(x, 0), element by element";
  let description = "`%y = nn.relu %x : (tensor<4xf32>) -> tensor<4xf32>`";
}

def NN_EqualOp : NN_Elementwise<"equal", "Equal", Binary, [{
    if (isFloat)
      return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, args[0], args[1]);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, args[0], args[1]);
  }], Bool> {
  let summary = "result = (a == b), element by element with broadcasting";
  let description = "`%y = nn.equal %a, %b : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1>`";
}

def NN_CastOp : NN_Elementwise<"cast", "Cast", Unary, [{
    return ::tw::nn::convertScalar(b, loc, args[0], element, op.getTo());
  }], "op.getTo()"> {
  let summary = "result = x converted to type `to`";
  let description = "`%y = nn.cast %x {to = i64} : (tensor<4xf32>) -> tensor<4xi64>`";
  let arguments = (ins AnyTensor:$x, TypeAttr:$to);
}

#endif
