#ifndef TW_NN_RANGE
#define TW_NN_RANGE

include "dialects/nn/NN.td"

def NN_RangeOp : NN_Op<"range"> {
  let summary = "start, start + delta, ... before limit";
  let description = [{
    `%y = nn.range %start, %limit, %delta : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<5xi64>`
  }];
  let onnx = "Range";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$start, AnyTensor:$limit, AnyTensor:$delta);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
