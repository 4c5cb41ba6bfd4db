#ifndef TW_NN_PACK_DEPTHWISE
#define TW_NN_PACK_DEPTHWISE

include "dialects/nn/NN.td"

def NN_PackDepthwiseOp : NN_Op<"pack_depthwise"> {
  let summary = "a depthwise convolution's weight, channels last";
  let description = [{
    [C, 1, kh, kw] becomes [kh, kw, C], C padded with zeros to a multiple of `lanes`.
    `%p = nn.pack_depthwise %w {lanes = 16 : i64} : (tensor<20x1x3x3xf32>) -> tensor<3x3x32xf32>`
  }];
  let arguments = (ins AnyTensor:$weight, I64Attr:$lanes);
  let results = (outs AnyTensor:$packed);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
