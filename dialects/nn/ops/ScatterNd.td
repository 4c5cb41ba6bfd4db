#ifndef TW_NN_SCATTER_ND
#define TW_NN_SCATTER_ND

include "dialects/nn/NN.td"

def NN_ScatterNdOp : NN_Op<"scatter_nd"> {
  let summary = "`data` with slices at index tuples changed";
  let description = [{
    The last dim of `indices` holds positions in the first dims of `data`; with `reduction` (add, mul, min, max) old and new
    are combined, in the order of `updates`. Negative positions count from the end; updates outside after that are left out.
    `%y = nn.scatter_nd %x, %i, %u : (tensor<4x5xf32>, tensor<3x1xi64>, tensor<3x5xf32>) -> tensor<4x5xf32>`
  }];
  let onnx = "ScatterND";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$data, AnyTensor:$indices, AnyTensor:$updates, DefaultValuedAttr<StrAttr, "\"none\"">:$reduction);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
