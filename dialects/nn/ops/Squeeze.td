#ifndef TW_NN_SQUEEZE
#define TW_NN_SQUEEZE

include "dialects/nn/NN.td"

def NN_SqueezeOp : NN_Op<"squeeze"> {
  let summary = "drops dims of size 1";
  let description = [{
    Drops the dims in `axes`, or without that operand all dims that are 1. `axes` may be known at run time only.
    `%y = nn.squeeze %x, %axes : (tensor<1x3x1xf32>, tensor<1xi64>) -> tensor<1x3xf32>`
  }];
  let onnx = "Squeeze";
  let fusion = "View";
  let arguments = (ins AnyTensor:$data, Optional<AnyTensor>:$axes);
  let results = (outs AnyTensor:$squeezed);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
