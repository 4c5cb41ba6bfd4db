#ifndef TW_NN_CONV_PACKED
#define TW_NN_CONV_PACKED

include "dialects/nn/NN.td"

def NN_ConvPackedOp : NN_Op<"conv_packed"> {
  let summary = "nn.conv_nhwc whose weight is in the order that `algorithm` reads";
  let description = [{
    `algorithm` is direct (nn.pack_conv), depthwise (nn.pack_depthwise) or winograd (nn.transform_conv); `channels` of the
    result are real, the rest of the weight is padding. Bytes, of either sign, are summed in i32, and have a weight of width 1.
    ```
    %y = nn.conv_packed %x, %p {algorithm = "direct", channels = 20 : i64, dilations = array<i64: 1, 1>, group = 1 : i64,
      kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
      : (tensor<1x9x9x8xf32>, tensor<2x3x3x8x16xf32>) -> tensor<1x9x9x20xf32>
    ```
  }];
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$x, AnyTensor:$w, StrAttr:$algorithm, I64Attr:$channels, DenseI64ArrayAttr:$dilations,
                       I64Attr:$group, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$strides);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
