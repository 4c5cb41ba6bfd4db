#ifndef TW_NN_TENSOR_SCATTER
#define TW_NN_TENSOR_SCATTER

include "dialects/nn/NN.td"

def NN_TensorScatterOp : NN_Op<"tensor_scatter"> {
  let summary = "a cache with a piece of it written";
  let description = [{
    `update` is written into `past_cache` along `axis`, batch b from `write_indices[b]` (0 where absent) on; `circular` goes on
    at the start. What does not fit is left out.
    `%y = nn.tensor_scatter %c, %u, %w : (tensor<2x9x4xf32>, tensor<2x1x4xf32>, tensor<2xi64>) -> tensor<2x9x4xf32>`
  }];
  let onnx = "TensorScatter";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$past_cache, AnyTensor:$update, Optional<AnyTensor>:$write_indices,
                       DefaultValuedAttr<I64Attr, "-2">:$axis, DefaultValuedAttr<StrAttr, "\"linear\"">:$mode);
  let results = (outs AnyTensor:$present_cache);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
