#ifndef TW_NN_GRID_SAMPLE
#define TW_NN_GRID_SAMPLE

include "dialects/nn/NN.td"

def NN_GridSampleOp : NN_Op<"grid_sample"> {
  let summary = "the input sampled at the places that a grid holds";
  let description = [{
    The last dim of `grid` holds the place (x, y or x, y, z), -1 to 1 across the input. Modes: `linear`, `nearest`, `cubic`;
    padding of what is outside: `zeros`, `border`, `reflection`.
    `%y = nn.grid_sample %x, %g : (tensor<1x3x8x8xf32>, tensor<1x4x4x2xf32>) -> tensor<1x3x4x4xf32>`
  }];
  let onnx = "GridSample";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$X, AnyTensor:$grid, DefaultValuedAttr<I64Attr, "0">:$align_corners,
                       DefaultValuedAttr<StrAttr, "\"linear\"">:$mode,
                       DefaultValuedAttr<StrAttr, "\"zeros\"">:$padding_mode);
  let results = (outs AnyTensor:$Y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif
