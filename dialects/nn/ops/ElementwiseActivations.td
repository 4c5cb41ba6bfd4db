// Activation functions.
#ifndef TW_NN_ELEMENTWISE_ACTIVATIONS
#define TW_NN_ELEMENTWISE_ACTIVATIONS

include "dialects/nn/ops/Elementwise.td"

// A function with float attributes alpha, beta, ... that are doubles of the same names in `expr`.
class NN_Activation<string mnemonic, string onnxName, string expr, list<string> names = [], list<string> defaults = [],
                    Type operand = NN_Floats>
    : NN_Unary<mnemonic, onnxName,
        "[&] { " # !interleave(!foreach(n, names, "double " # n # " = op.get" # !toupper(!substr(n, 0, 1)) # !substr(n, 1)
                                                  # "().convertToDouble(); "), "")
        # "return " # expr # "; }()", operand> {
  let arguments = !con((ins operand:$x), !dag(ins, !foreach(d, defaults, DefaultValuedAttr<F32Attr, d>), names));
}

def NN_ReluOp : NN_Activation<"relu", "Relu", "atLeast(x, x.like(0))", [], [], AnyRankedTensor>;
def NN_LeakyReluOp : NN_Activation<"leaky_relu", "LeakyRelu", "select(x < 0.0, x * alpha, x)", ["alpha"], ["0.01f"]>;
def NN_ThresholdedReluOp : NN_Activation<"thresholded_relu", "ThresholdedRelu", "select(x > alpha, x, x.like(0))",
                                         ["alpha"], ["1.0f"]>;
def NN_EluOp : NN_Activation<"elu", "Elu", "select(x < 0.0, expm1(x) * alpha, x)", ["alpha"], ["1.0f"]>;
def NN_CeluOp : NN_Activation<"celu", "Celu", "select(x < 0.0, expm1(x / alpha) * alpha, x)", ["alpha"], ["1.0f"]>;
def NN_SeluOp : NN_Activation<"selu", "Selu", "select(x < 0.0, expm1(x) * alpha, x) * gamma", ["alpha", "gamma"],
                              ["1.67326319217681884765625f", "1.05070102214813232421875f"]>;
def NN_SigmoidOp : NN_Activation<"sigmoid", "Sigmoid", "sigmoid(x)">;
def NN_HardSigmoidOp : NN_Activation<"hard_sigmoid", "HardSigmoid", "hardSigmoid(x, alpha, beta)", ["alpha", "beta"],
                                     ["0.2f", "0.5f"]>;
def NN_HardSwishOp : NN_Activation<"hard_swish", "HardSwish", "x * hardSigmoid(x, 1.0 / 6, 0.5)">;
def NN_SwishOp : NN_Activation<"swish", "Swish", "x * sigmoid(x * alpha)", ["alpha"], ["1.0f"]>;
def NN_MishOp : NN_Activation<"mish", "Mish", "x * tanh(softplus(x))">;
def NN_SoftplusOp : NN_Activation<"softplus", "Softplus", "softplus(x)">;
def NN_SoftsignOp : NN_Activation<"softsign", "Softsign", "x / (abs(x) + 1.0)">;

def NN_GeluOp : NN_Activation<"gelu", "Gelu", "gelu(x, op.getApproximate() == \"tanh\")"> {
  let arguments = (ins NN_Floats:$x, DefaultValuedAttr<StrAttr, "\"none\"">:$approximate);
  let hasVerifier = 1;
}

// Integers are compared and shifted as f32.
def NN_ShrinkOp : NN_Elementwise<"shrink", "Shrink", (ins AnyRankedTensor:$x, DefaultValuedAttr<F32Attr, "0.0f">:$bias,
                                                          DefaultValuedAttr<F32Attr, "0.5f">:$lambd), [{
    Type wide = ::tw::nn::wideElement(isFloat ? element : b.getF32Type());
    ::tw::nn::Scalar x(b, loc, ::tw::nn::convertScalar(b, loc, args[0], element, wide));
    double bias = op.getBias().convertToDouble(), lambd = op.getLambd().convertToDouble();
    auto result = select(x < -lambd, x + bias, select(x > lambd, x - bias, x.like(0)));
    return ::tw::nn::convertScalar(b, loc, result, wide, element);
  }]> {
  let summary = "x moved by `bias` towards zero, and zero within `lambd` of it";
  let description = "ONNX Shrink. `%r = nn.shrink %x {lambd = 1.5 : f32} : (tensor<4xf32>) -> tensor<4xf32>`";
}

def NN_PreluOp : NN_Binary<"prelu", "PRelu", "select(x < 0.0, x * y, x)"> {
  let cpp = "static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);";
}

def NN_ClipOp : NN_Elementwise<"clip", "Clip", (ins AnyRankedTensor:$input, Optional<AnyRankedTensor>:$min,
                                                    Optional<AnyRankedTensor>:$max), [{
    ::tw::nn::WideArgs wide(b, loc, args, isUnsigned);
    auto x = wide[0];
    if (op.getMin())
      x = atLeast(x, wide[1]);
    if (op.getMax())
      x = atMost(x, wide[wide.size() - 1]);
    return wide.narrow(x);
  }], "", [AttrSizedOperandSegments, SameOperandsElementType]> {
  let summary = "result = min(max(input, min), max), element by element";
  let description = [{
    ONNX Clip; `min` and `max` are scalars, NaN stays NaN.
    `%r = nn.clip %x, %lo, %hi {operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>`
  }];
  let cpp = [{
    /// Without bounds the input is the result.
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node) {
      if (!node.input(1) && !node.input(2))
        return ::llvm::SmallVector<::mlir::Value>{node.input(0)};
      return node.importAs(getOperationName());
    }
  }];
}

#endif
