#ifndef TW_TILE_POOL2D
#define TW_TILE_POOL2D

include "dialects/tile/Tile.td"

def Tile_Pool2dOp : Tile_EpilogueOp<"pool2d"> {
  let summary = "init[n, y, x, c] = epilogue(largest, sum or mean over i, j of input[n, y*s+i*d-p, x*s+j*d-p, c])";
  let description = [{
    Only positions inside of the input count. A kernel size of 0 is the image's. `pads` is top, left, bottom, right.
    ```
    %r = tile.pool2d "max" ins(%x : tensor<1x8x8x24xf32>) outs(%y : tensor<1x4x4x24xf32>)
         attributes {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
                     pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
         ^bb0(%acc: f32):
           tile.yield %acc : f32
         } -> tensor<1x4x4x24xf32>
    ```
  }];
  let arguments = (ins StrAttr:$kind, AnyShaped:$input, Variadic<AnyType>:$extras, AnyShaped:$init,
                       DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads, AffineMapArrayAttr:$extra_maps);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    $kind `ins` `(` $input `:` type($input) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `:` type($init) `)` attr-dict-with-keyword $epilogue (`->` type($result)^)?
  }];
  let builders = [
    OpBuilder<(ins "::llvm::StringRef":$kind, "::mlir::Value":$input, "::mlir::Value":$init,
                   "::llvm::ArrayRef<int64_t>":$kernel, "::llvm::ArrayRef<int64_t>":$strides,
                   "::llvm::ArrayRef<int64_t>":$dilations, "::llvm::ArrayRef<int64_t>":$pads)>
  ];
  let hasVerifier = 1;
  let cpp = [{
    ::llvm::FailureOr<::mlir::Value> buildSums(::mlir::OpBuilder &b, ::mlir::ValueRange at, int64_t lanes);
    ::llvm::SmallVector<::mlir::Value> getNeighbourOperands() { return {getInput()}; }
  }];
}

#endif
