#ifndef TW_NN_GLOBAL_AVERAGE_POOL
#define TW_NN_GLOBAL_AVERAGE_POOL

include "dialects/nn/NN.td"
include "dialects/interfaces/LayoutOpInterface.td"

def NN_GlobalAveragePoolOp : NN_Op<"global_average_pool", [DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "the mean of each channel";
  let description = [{
    ONNX GlobalAveragePool: the spatial dims become 1.
    `%y = nn.global_average_pool %x : (tensor<1x3x4x4xf32>) -> tensor<1x3x1x1xf32>`
  }];
  let onnx = "GlobalAveragePool";
  let fusion = "Reduction";
  let arguments = (ins AnyTensor:$x, UnitAttr:$channels_last);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
