#ifndef TW_NN_EINSUM
#define TW_NN_EINSUM

include "dialects/nn/NN.td"

def NN_EinsumOp : NN_Op<"einsum", [SameOperandsElementType]> {
  let summary = "sum of products over named dims";
  let description = [{
    ONNX Einsum. `%y = nn.einsum %a, %b {equation = "ij,jk->ik"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>`
  }];
  let onnx = "Einsum";
  let fusion = "Reduction";
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, StrAttr:$equation);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
