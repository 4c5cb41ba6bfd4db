#ifndef TW_NN_IDENTITY
#define TW_NN_IDENTITY

include "dialects/nn/NN.td"

def NN_IdentityOp : NN_Op<"identity"> {
  let summary = "the operand";
  let description = [{
    `%y = nn.identity %x : (tensor<4xf32>) -> tensor<4xf32>`
  }];
  let onnx = "Identity";
  let fusion = "View";
  let arguments = (ins AnyTensor:$input);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
