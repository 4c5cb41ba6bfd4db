// Arithmetic and functions of real numbers.
#ifndef TW_NN_ELEMENTWISE_MATH
#define TW_NN_ELEMENTWISE_MATH

include "dialects/nn/ops/Elementwise.td"

def NN_AddOp : NN_Binary<"add", "Add", "x + y">;
def NN_SubOp : NN_Binary<"sub", "Sub", "x - y">;
def NN_MulOp : NN_Binary<"mul", "Mul", "x * y">;
// Integers round towards zero; what the hardware traps on gives 0, or wraps.
def NN_DivOp : NN_Binary<"div", "Div", "x / y">;

def NN_ModOp : NN_Binary<"mod", "Mod", "op.getFmod() ? x % y : floorMod(x, y)"> {
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b, DefaultValuedAttr<I64Attr, "0">:$fmod);
  let description = [{
    ONNX Mod: the remainder has y's sign, with `fmod` x's. An integer modulo 0 is 0.
    `%r = nn.mod %x, %y {fmod = 1 : i64} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>`
  }];
}

def NN_PowOp : NN_Elementwise<"pow", "Pow", (ins AnyRankedTensor:$x, AnyRankedTensor:$y),
    "return op.buildPower(b, loc, args);"> {
  let summary = "result = x to the power of y, element by element with broadcasting";
  let description = [{
    ONNX Pow: the result has x's type; where only one operand is an integer the power is computed as a float.
    `%r = nn.pow %x, %y : (tensor<4xf32>, tensor<i64>) -> tensor<4xf32>`
  }];
  let cpp = "::mlir::Value buildPower(::mlir::OpBuilder &b, ::mlir::Location loc, ::mlir::ValueRange args);";
}

def NN_MaxOp : NN_VariadicElementwise<"max", "Max", "max(x, y)">;
def NN_MinOp : NN_VariadicElementwise<"min", "Min", "min(x, y)">;
def NN_SumOp : NN_VariadicElementwise<"sum", "Sum", "x + y">;
def NN_MeanOp : NN_VariadicElementwise<"mean", "Mean", "x + y", "x / static_cast<double>(wide.size())">;

def NN_AbsOp : NN_Unary<"abs", "Abs", "abs(x)">;
def NN_NegOp : NN_Unary<"neg", "Neg", "-x">;
def NN_SignOp : NN_Unary<"sign", "Sign", "sign(x)">;
def NN_ReciprocalOp : NN_Unary<"reciprocal", "Reciprocal", "1.0 / x", NN_Floats>;

def NN_CeilOp : NN_Function<"ceil", "Ceil", "CeilOp">;
def NN_FloorOp : NN_Function<"floor", "Floor", "FloorOp">;
// Halves go to the even neighbour.
def NN_RoundOp : NN_Function<"round", "Round", "RoundEvenOp">;
def NN_SqrtOp : NN_Function<"sqrt", "Sqrt", "SqrtOp">;
def NN_ExpOp : NN_Function<"exp", "Exp", "ExpOp">;
def NN_LogOp : NN_Function<"log", "Log", "LogOp">;
def NN_ErfOp : NN_Function<"erf", "Erf", "ErfOp">;

def NN_SinOp : NN_Function<"sin", "Sin", "SinOp">;
def NN_CosOp : NN_Function<"cos", "Cos", "CosOp">;
def NN_TanOp : NN_Function<"tan", "Tan", "TanOp">;
def NN_AsinOp : NN_Function<"asin", "Asin", "AsinOp">;
def NN_AcosOp : NN_Function<"acos", "Acos", "AcosOp">;
def NN_AtanOp : NN_Function<"atan", "Atan", "AtanOp">;
def NN_SinhOp : NN_Function<"sinh", "Sinh", "SinhOp">;
def NN_CoshOp : NN_Function<"cosh", "Cosh", "CoshOp">;
def NN_TanhOp : NN_Function<"tanh", "Tanh", "TanhOp">;
def NN_AsinhOp : NN_Function<"asinh", "Asinh", "AsinhOp">;
def NN_AcoshOp : NN_Function<"acosh", "Acosh", "AcoshOp">;
def NN_AtanhOp : NN_Function<"atanh", "Atanh", "AtanhOp">;

#endif
