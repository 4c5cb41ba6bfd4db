#ifndef TW_NN_MAX_POOL
#define TW_NN_MAX_POOL

include "dialects/nn/NN.td"
include "dialects/interfaces/LayoutOpInterface.td"

def NN_MaxPoolOp : NN_Op<"max_pool", [DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "the largest element under each window";
  let description = [{
    ONNX MaxPool; the second result, where there is one, holds each largest element's place in the input (`storage_order` 1:
    with the spatial dims in column-major order). With `channels_last` images are [N, spatial..., C].
    `%y = nn.max_pool %x {kernel_shape = array<i64: 2, 2>} : (tensor<1x3x4x4xf32>) -> tensor<1x3x3x3xf32>`
  }];
  let onnx = "MaxPool";
  let arguments = (ins AnyTensor:$x, DefaultValuedAttr<StrAttr, "\"NOTSET\"">:$auto_pad,
                       DefaultValuedAttr<I64Attr, "0">:$ceil_mode, UnitAttr:$channels_last,
                       OptionalAttr<DenseI64ArrayAttr>:$dilations, DenseI64ArrayAttr:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, DefaultValuedAttr<I64Attr, "0">:$storage_order, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$y, Optional<AnyTensor>:$indices);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
