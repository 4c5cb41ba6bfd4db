#ifndef TW_NN_NON_ZERO
#define TW_NN_NON_ZERO

include "dialects/nn/NN.td"

def NN_NonZeroOp : NN_Op<"non_zero"> {
  let summary = "the positions of elements that are not zero";
  let description = [{
    One column a position, in row-major order; `count` columns (what nn.count_non_zero gives). ONNX Compress gathers at the
    positions of its condition.
    `%p = nn.non_zero %x, %n : (tensor<3x4xf32>, tensor<i64>) -> tensor<2x?xi64>`
  }];
  let onnx = "NonZero,Compress";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$input, AnyTensor:$count);
  let results = (outs AnyTensor:$positions);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif
