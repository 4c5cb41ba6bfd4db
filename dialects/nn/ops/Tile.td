#ifndef TW_NN_TILE
#define TW_NN_TILE

include "dialects/nn/NN.td"

def NN_TileOp : NN_Op<"tile"> {
  let summary = "the input repeated `repeats[i]` times along dim i";
  let description = [{
    `%y = nn.tile %x, %repeats : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<4x3xf32>`
  }];
  let onnx = "Tile";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, AnyTensor:$repeats);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
