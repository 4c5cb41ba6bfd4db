#ifndef TW_NN_EXPAND
#define TW_NN_EXPAND

include "dialects/nn/NN.td"

def NN_ExpandOp : NN_Op<"expand"> {
  let summary = "broadcasts to a shape";
  let description = [{
    The result has the broadcast of the input's shape and `shape` (a 1 in `shape` keeps the input's dim).
    `%y = nn.expand %x, %shape : (tensor<3x1xf32>, tensor<2xi64>) -> tensor<3x4xf32>`
  }];
  let onnx = "Expand";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, AnyTensor:$shape);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
