#ifndef TW_NN_CONV
#define TW_NN_CONV

include "dialects/nn/NN.td"
include "dialects/interfaces/ChannelAffineOpInterface.td"
include "dialects/interfaces/LayoutOpInterface.td"

def NN_ConvOp : NN_Op<"conv", [DeclareOpInterfaceMethods<LayoutOpInterface>, DeclareOpInterfaceMethods<ChannelAffineOpInterface>]> {
  let summary = "convolution of any rank, channels first";
  let description = [{
    ONNX Conv: x is [N, C, spatial...], w is [M, C/group, window...], b is [M].
    `%y = nn.conv %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>`
  }];
  let onnx = "Conv";
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$x, AnyTensor:$w, Optional<AnyTensor>:$b,
                       DefaultValuedAttr<StrAttr, "\"NOTSET\"">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$dilations,
                       DefaultValuedAttr<I64Attr, "1">:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
