#ifndef TW_NN_CONV_NHWC
#define TW_NN_CONV_NHWC

include "dialects/nn/NN.td"
include "dialects/interfaces/PackOpInterface.td"

def NN_ConvNhwcOp : NN_Op<"conv_nhwc", [DeclareOpInterfaceMethods<PackOpInterface>]> {
  let summary = "2-D convolution, channels last";
  let description = [{
    x is [N, H, W, C], w [M, C/group, kh, kw] as in ONNX, b [M]; `pads` is top, left, bottom, right.
    `%y = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>) -> tensor<1x8x8x4xf32>`
  }];
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$x, AnyTensor:$w, Optional<AnyTensor>:$b, DenseI64ArrayAttr:$dilations, I64Attr:$group,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$strides);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
