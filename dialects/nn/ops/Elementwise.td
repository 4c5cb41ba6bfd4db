// What the tables of elementwise ops share: classes of rows, named by operand types and number. A row's body is a C++
// expression over Scalars (dialects/nn/Scalar.h) `x`, `y`; `op` is the op.
#ifndef TW_NN_ELEMENTWISE
#define TW_NN_ELEMENTWISE

include "dialects/nn/NN.td"

def NN_Floats : RankedTensorOf<[AnyFloat]>;
def NN_Integers : RankedTensorOf<[AnyInteger]>;
def NN_Bools : RankedTensorOf<[I1]>;

defvar Bool = "::mlir::IntegerType::get(op->getContext(), 1)";


// result = expr(x). Narrow floats are computed in f32.
class NN_Unary<string mnemonic, string onnxName, string expr, Type operand = AnyRankedTensor, string resultElement = "">
    : NN_Elementwise<mnemonic, onnxName, (ins operand:$x), [{
        ::tw::nn::WideArgs wide(b, loc, args, isUnsigned);
        auto x = wide[0];
        return }] # !if(!empty(resultElement), "wide.narrow(" # expr # ")", expr) # ";", resultElement> {
  let summary = "result = " # mnemonic # "(x), element by element";
  let description = "ONNX " # onnxName # ". `%r = nn." # mnemonic # " %x : (tensor<4xf32>) -> tensor<4xf32>`";
}

// result = function(x) for a function of upstream's math dialect.
class NN_Function<string mnemonic, string onnxName, string mathOp>
    : NN_Unary<mnemonic, onnxName, "x.make<::mlir::math::" # mathOp # ">(::mlir::Value(x))", NN_Floats>;

// result = expr(x, y) for operands of one element type.
class NN_Binary<string mnemonic, string onnxName, string expr, Type operand = AnyRankedTensor, string resultElement = "">
    : NN_Elementwise<mnemonic, onnxName, (ins operand:$a, operand:$b), [{
        ::tw::nn::WideArgs wide(b, loc, args, isUnsigned);
        auto x = wide[0], y = wide[1];
        return }] # !if(!empty(resultElement), "wide.narrow(" # expr # ")", expr) # ";", resultElement,
        [SameOperandsElementType]> {
  let summary = "result = " # mnemonic # "(x, y), element by element with broadcasting";
  let description = "ONNX " # onnxName # ". `%r = nn." # mnemonic # " %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>`";
}

// result = expr(... expr(x0, x1), x2 ...) for any number of operands; `finish` is an expression over `x`.
class NN_VariadicElementwise<string mnemonic, string onnxName, string expr, string finish = "x">
    : NN_Elementwise<mnemonic, onnxName, (ins Variadic<AnyRankedTensor>:$inputs), [{
        ::tw::nn::WideArgs wide(b, loc, args, isUnsigned);
        auto x = wide[0];
        for (size_t i = 1; i < wide.size(); ++i) {
          auto y = wide[i];
          x = }] # expr # [{;
        }
        return wide.narrow(}] # finish # ");", "", [SameOperandsElementType]> {
  let summary = "result = " # mnemonic # "(inputs...), element by element with broadcasting";
  let description = "ONNX " # onnxName # ". `%r = nn." # mnemonic # " %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>`";
  let cpp = [{
    /// One operand is the result.
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node) {
      if (node.inputs.size() == 1)
        return ::llvm::SmallVector<::mlir::Value>{node.input(0)};
      return node.importAs(getOperationName());
    }
  }];
}

#endif
