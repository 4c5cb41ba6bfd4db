#ifndef TW_NN_SPACE_TO_DEPTH
#define TW_NN_SPACE_TO_DEPTH

include "dialects/nn/NN.td"

def NN_SpaceToDepthOp : NN_Op<"space_to_depth"> {
  let summary = "blocks of pixels become channels";
  let description = [{
    `%y = nn.space_to_depth %x {blocksize = 2 : i64} : (tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32>`
  }];
  let onnx = "SpaceToDepth";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, I64Attr:$blocksize);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
