#ifndef TW_NN_PACK_CONV
#define TW_NN_PACK_CONV

include "dialects/nn/NN.td"

def NN_PackConvOp : NN_Op<"pack_conv"> {
  let summary = "a convolution's weight in the order in which it is read";
  let description = [{
    [M, C/group, kh, kw] becomes panels of `width` output channels, [panels, kh, kw, C/group, width]; each group's last panel is
    padded with zeros.
    `%p = nn.pack_conv %w {group = 1 : i64, width = 16 : i64} : (tensor<20x8x3x3xf32>) -> tensor<2x3x3x8x16xf32>`
  }];
  let arguments = (ins AnyTensor:$weight, I64Attr:$group, I64Attr:$width);
  let results = (outs AnyTensor:$panels);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
