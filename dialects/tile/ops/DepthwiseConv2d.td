#ifndef TW_TILE_DEPTHWISE_CONV2D
#define TW_TILE_DEPTHWISE_CONV2D

include "dialects/tile/Tile.td"

def Tile_DepthwiseConv2dOp : Tile_EpilogueOp<"depthwise_conv2d"> {
  let summary = "init[n, y, x, c] = epilogue(sum over i, j of input[n, y*s+i*d-p, x*s+j*d-p, c] * weights[i, j, c])";
  let description = [{
    Positions outside of the input read as 0. The last dim of `weights` is padded with zeros to whole vectors. `pads` is top,
    left, bottom, right.
    ```
    %r = tile.depthwise_conv2d ins(%x, %w : tensor<1x8x8x24xf32>, tensor<3x3x32xf32>) outs(%y : tensor<1x8x8x24xf32>)
         attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
         ^bb0(%acc: f32):
           tile.yield %acc : f32
         } -> tensor<1x8x8x24xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$weights, Variadic<AnyType>:$extras, AnyShaped:$init,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
                       AffineMapArrayAttr:$extra_maps);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $input `,` $weights `:` type($input) `,` type($weights) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `:` type($init) `)` attr-dict-with-keyword $epilogue (`->` type($result)^)?
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weights, "::mlir::Value":$init,
                   "::llvm::ArrayRef<int64_t>":$strides, "::llvm::ArrayRef<int64_t>":$dilations,
                   "::llvm::ArrayRef<int64_t>":$pads)>
  ];
  let hasVerifier = 1;
  let cpp = [{
    ::llvm::FailureOr<::mlir::Value> buildSums(::mlir::OpBuilder &b, ::mlir::ValueRange at, int64_t lanes);
    ::llvm::SmallVector<::mlir::Value> getNeighbourOperands() { return {getInput(), getWeights()}; }
  }];
}

#endif
