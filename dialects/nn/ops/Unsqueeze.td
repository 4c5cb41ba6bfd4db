#ifndef TW_NN_UNSQUEEZE
#define TW_NN_UNSQUEEZE

include "dialects/nn/NN.td"

def NN_UnsqueezeOp : NN_Op<"unsqueeze"> {
  let summary = "adds dims of size 1";
  let description = [{
    `axes` are dims of the result; they may be known at run time only.
    `%y = nn.unsqueeze %x, %axes : (tensor<3xf32>, tensor<2xi64>) -> tensor<1x3x1xf32>`
  }];
  let onnx = "Unsqueeze";
  let fusion = "View";
  let arguments = (ins AnyTensor:$data, AnyTensor:$axes);
  let results = (outs AnyTensor:$expanded);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
