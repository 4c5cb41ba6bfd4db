#ifndef TW_NN_SCATTER_ELEMENTS
#define TW_NN_SCATTER_ELEMENTS

include "dialects/nn/NN.td"

def NN_ScatterElementsOp : NN_Op<"scatter_elements"> {
  let summary = "`data` with single elements changed along `axis`";
  let description = [{
    result[i, indices[i, j, k], k] = updates[i, j, k] for axis 1, or with `reduction` (add, mul, min, max) both combined, in the
    order of `updates`. Negative indices count from the end; updates outside after that are left out.
    `%y = nn.scatter_elements %x, %i, %u {axis = 1 : i64} : (tensor<2x9xf32>, tensor<2x3xi64>, tensor<2x3xf32>) -> tensor<2x9xf32>`
  }];
  let onnx = "ScatterElements,Scatter";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$data, AnyTensor:$indices, AnyTensor:$updates, DefaultValuedAttr<I64Attr, "0">:$axis,
                       DefaultValuedAttr<StrAttr, "\"none\"">:$reduction);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
