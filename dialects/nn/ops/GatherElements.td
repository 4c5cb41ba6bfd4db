#ifndef TW_NN_GATHER_ELEMENTS
#define TW_NN_GATHER_ELEMENTS

include "dialects/nn/NN.td"

def NN_GatherElementsOp : NN_Op<"gather_elements"> {
  let summary = "one element of `data` per index, moved along `axis`";
  let description = [{
    result[i, j, k] = data[i, indices[i, j, k], k] for axis 1. Negative indices count from the end; what is outside after that
    reads the nearest element.
    `%y = nn.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x9xf32>, tensor<2x3xi64>) -> tensor<2x3xf32>`
  }];
  let onnx = "GatherElements";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$data, AnyTensor:$indices, DefaultValuedAttr<I64Attr, "0">:$axis);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
