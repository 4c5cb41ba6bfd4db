// Softmax, its logarithm, and the largest element's indicator.
#ifndef TW_NN_SOFTMAX
#define TW_NN_SOFTMAX

include "dialects/nn/ops/Elementwise.td"

class NN_SoftmaxLike<string mnemonic, string onnxName, string formula> : NN_Op<mnemonic> {
  let summary = formula;
  let description = [{
    ONNX }] # onnxName # [{ over dim `axis`, or with `flatten` (opsets below 13) over all dims from `axis` on.
    `%y = nn.}] # mnemonic # [{ %x {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>`
  }];
  let onnx = onnxName;
  let fusion = "Reduction";
  let arguments = (ins NN_Floats:$input, DefaultValuedAttr<I64Attr, "-1">:$axis, UnitAttr:$flatten);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

def NN_SoftmaxOp : NN_SoftmaxLike<"softmax", "Softmax", "exp(x) / sum(exp(x)) along an axis">;
def NN_LogSoftmaxOp : NN_SoftmaxLike<"log_softmax", "LogSoftmax", "x - log(sum(exp(x))) along an axis">;
def NN_HardmaxOp : NN_SoftmaxLike<"hardmax", "Hardmax", "1 at the first largest element along an axis, 0 elsewhere">;

#endif
