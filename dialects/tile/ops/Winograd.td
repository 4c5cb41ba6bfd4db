#ifndef TW_TILE_WINOGRAD
#define TW_TILE_WINOGRAD

include "dialects/tile/Tile.td"

def Tile_WinogradOp : Tile_EpilogueOp<"winograd"> {
  let summary = "3x3 convolution of stride 1 by Winograd's F(size x size, 3 x 3)";
  let description = [{
    What tile.conv2d computes, with fewer products and other rounding. `weights` are transformed: [(size+2)^2, panels, C,
    width], zero-padded. `pads` is top, left, bottom, right.
    ```
    %r = tile.winograd ins(%x, %w : tensor<1x8x8x16xf32>, tensor<36x1x16x16xf32>) outs(%y : tensor<1x8x8x10xf32>)
         attributes {size = 4 : i64, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
         ^bb0(%acc: f32):
           tile.yield %acc : f32
         } -> tensor<1x8x8x10xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$weights, Variadic<AnyType>:$extras, AnyShaped:$init, I64Attr:$size,
                       DenseI64ArrayAttr:$pads, AffineMapArrayAttr:$extra_maps);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $input `,` $weights `:` type($input) `,` type($weights) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `:` type($init) `)` attr-dict-with-keyword $epilogue (`->` type($result)^)?
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weights, "::mlir::Value":$init, "int64_t":$size,
                   "::llvm::ArrayRef<int64_t>":$pads)>
  ];
  let hasVerifier = 1;
}

#endif
