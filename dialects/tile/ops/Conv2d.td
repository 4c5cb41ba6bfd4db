#ifndef TW_TILE_CONV2D
#define TW_TILE_CONV2D

include "dialects/tile/Tile.td"

def Tile_Conv2dOp : Tile_EpilogueOp<"conv2d"> {
  let summary = "init[n, y, x, k] = epilogue(sum over i, j, c of input[n, y*s+i*d-p, x*s+j*d-p, c] * weights[k, i, j, c])";
  let description = [{
    Positions outside of the input read as 0. `weights` is [panels, kh, kw, C/group, width], zero-padded: output channel k of
    group g (of K/group channels) is at panel g * (panels/group) + k / width, column k % width. `pads` is top, left, bottom,
    right. Bytes are signed, or with `input_unsigned`, `weights_unsigned` not; they are summed in i32.
    ```
    %r = tile.conv2d ins(%x, %w : tensor<1x8x8x3xf32>, tensor<1x3x3x3x16xf32>) outs(%y : tensor<1x8x8x10xf32>)
         attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64,
                     extra_maps = []} {
         ^bb0(%acc: f32):
           tile.yield %acc : f32
         } -> tensor<1x8x8x10xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$weights, Variadic<AnyType>:$extras, AnyShaped:$init,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, I64Attr:$group,
                       UnitAttr:$input_unsigned, UnitAttr:$weights_unsigned,
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
                   "::llvm::ArrayRef<int64_t>":$pads, "int64_t":$group)>
  ];
  let hasVerifier = 1;
}

#endif
