#ifndef TW_NN_TRANSFORM_CONV
#define TW_NN_TRANSFORM_CONV

include "dialects/nn/NN.td"

def NN_TransformConvOp : NN_Op<"transform_conv"> {
  let summary = "a 3x3 weight as Winograd's F(size x size, 3 x 3) multiplies with it";
  let description = [{
    G w G^T for each pair of channels: [M, C, 3, 3] becomes [(size+2)^2, panels, C, width], M padded with zeros. G belongs to
    the points 0, 1, -1 for size 2, and 0, 5/8, -5/8, 3/2, -3/2 for size 4.
    `%p = nn.transform_conv %w {size = 4 : i64, width = 16 : i64} : (tensor<20x8x3x3xf32>) -> tensor<36x2x8x16xf32>`
  }];
  let arguments = (ins AnyTensor:$weight, I64Attr:$size, I64Attr:$width);
  let results = (outs AnyTensor:$transformed);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
