#ifndef TW_NN_ONE_HOT
#define TW_NN_ONE_HOT

include "dialects/nn/NN.td"

def NN_OneHotOp : NN_Op<"one_hot"> {
  let summary = "a new dim that is on at the index and off elsewhere";
  let description = [{
    `values` holds off and on; negative indices count from the end, others outside are off everywhere.
    `%y = nn.one_hot %i, %depth, %values : (tensor<3xi64>, tensor<i64>, tensor<2xf32>) -> tensor<3x10xf32>`
  }];
  let onnx = "OneHot";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$indices, AnyTensor:$depth, AnyTensor:$values, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
