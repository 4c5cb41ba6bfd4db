#ifndef TW_NN_UNIQUE
#define TW_NN_UNIQUE

include "dialects/nn/NN.td"

def NN_UniqueOp : NN_Op<"unique"> {
  let summary = "the different elements or slices";
  let description = [{
    From what nn.rank_unique gives: the slices, where each first occurs, the place of each input slice in the result, and how
    often each occurs.
    `%y, %first, %inverse, %counts = nn.unique %x, %ranks, %n : (tensor<6xf32>, tensor<6xi64>, tensor<i64>) -> (tensor<?xf32>, tensor<?xi64>, tensor<6xi64>, tensor<?xi64>)`
  }];
  let onnx = "Unique";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$X, AnyTensor:$ranks, AnyTensor:$count, OptionalAttr<I64Attr>:$axis);
  let results = (outs AnyTensor:$Y, AnyTensor:$indices, AnyTensor:$inverse_indices, AnyTensor:$counts);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif
