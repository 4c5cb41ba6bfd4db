#ifndef TW_NN_GATHER_ND
#define TW_NN_GATHER_ND

include "dialects/nn/NN.td"

def NN_GatherNdOp : NN_Op<"gather_nd"> {
  let summary = "slices of `data` at index tuples";
  let description = [{
    The last dim of `indices` holds positions in the dims of `data` after `batch_dims`. Negative ones count from the end; what
    is outside after that reads the nearest slice.
    `%y = nn.gather_nd %x, %i : (tensor<4x5x6xf32>, tensor<3x2xi64>) -> tensor<3x6xf32>`
  }];
  let onnx = "GatherND";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$data, AnyTensor:$indices, DefaultValuedAttr<I64Attr, "0">:$batch_dims);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
