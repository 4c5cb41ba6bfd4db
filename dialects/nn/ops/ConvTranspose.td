#ifndef TW_NN_CONV_TRANSPOSE
#define TW_NN_CONV_TRANSPOSE

include "dialects/nn/NN.td"
include "dialects/interfaces/LayoutOpInterface.td"

def NN_ConvTransposeOp : NN_Op<"conv_transpose", [DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "the transpose of a convolution, channels first";
  let description = [{
    ONNX ConvTranspose: x is [N, C, spatial...], w is [C, M/group, window...], b is [M].
    `%y = nn.conv_transpose %x, %w {strides = array<i64: 2, 2>} : (tensor<1x3x4x4xf32>, tensor<3x5x2x2xf32>) -> tensor<1x5x8x8xf32>`
  }];
  let onnx = "ConvTranspose";
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$x, AnyTensor:$w, Optional<AnyTensor>:$b,
                       DefaultValuedAttr<StrAttr, "\"NOTSET\"">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$dilations,
                       DefaultValuedAttr<I64Attr, "1">:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$output_padding, OptionalAttr<DenseI64ArrayAttr>:$output_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
