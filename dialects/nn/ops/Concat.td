#ifndef TW_NN_CONCAT
#define TW_NN_CONCAT

include "dialects/nn/NN.td"

def NN_ConcatOp : NN_Op<"concat"> {
  let summary = "tensors one after the other along `axis`";
  let description = [{
    `%y = nn.concat %a, %b {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<3x3xf32>`
  }];
  let onnx = "Concat";
  let fusion = "Parts";
  let arguments = (ins Variadic<AnyTensor>:$inputs, I64Attr:$axis);
  let results = (outs AnyTensor:$concatenated);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
