#ifndef TW_NN_DEPTH_TO_SPACE
#define TW_NN_DEPTH_TO_SPACE

include "dialects/nn/NN.td"

def NN_DepthToSpaceOp : NN_Op<"depth_to_space"> {
  let summary = "channels become blocks of pixels";
  let description = [{
    `mode` says which part of the channel is the place in the block: `DCR` the first, `CRD` the last.
    `%y = nn.depth_to_space %x {blocksize = 2 : i64} : (tensor<1x8x2x3xf32>) -> tensor<1x2x4x6xf32>`
  }];
  let onnx = "DepthToSpace";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, I64Attr:$blocksize, DefaultValuedAttr<StrAttr, "\"DCR\"">:$mode);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
