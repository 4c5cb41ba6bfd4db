#ifndef TW_NN_GLOBAL_MAX_POOL
#define TW_NN_GLOBAL_MAX_POOL

include "dialects/nn/NN.td"
include "dialects/interfaces/LayoutOpInterface.td"

def NN_GlobalMaxPoolOp : NN_Op<"global_max_pool", [DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "the largest element of each channel";
  let description = [{
    ONNX GlobalMaxPool: the spatial dims become 1.
    `%y = nn.global_max_pool %x : (tensor<1x3x4x4xf32>) -> tensor<1x3x1x1xf32>`
  }];
  let onnx = "GlobalMaxPool";
  let fusion = "Reduction";
  let arguments = (ins AnyTensor:$x, UnitAttr:$channels_last);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
