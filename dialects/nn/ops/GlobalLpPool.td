#ifndef TW_NN_GLOBAL_LP_POOL
#define TW_NN_GLOBAL_LP_POOL

include "dialects/nn/NN.td"

def NN_GlobalLpPoolOp : NN_Op<"global_lp_pool"> {
  let summary = "the p-norm of each channel";
  let description = [{
    ONNX GlobalLpPool: the spatial dims become 1.
    `%y = nn.global_lp_pool %x : (tensor<1x3x4x4xf32>) -> tensor<1x3x1x1xf32>`
  }];
  let onnx = "GlobalLpPool";
  let fusion = "Reduction";
  let arguments = (ins AnyTensor:$x, DefaultValuedAttr<I64Attr, "2">:$p);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
