#ifndef TW_TILE_MATMUL
#define TW_TILE_MATMUL

include "dialects/tile/Tile.td"

def Tile_MatmulOp : Tile_EpilogueOp<"matmul"> {
  let summary = "init[b..., m, n] = epilogue(sum over k of lhs[b..., m, k] * rhs[b..., k, n])";
  let description = [{
    Sums in the region's first argument's type. `lhs` and `rhs` may have fewer batch dims than `init`, and dims of size 1 in
    place of its batch dims (NumPy's rule). `rhs` is [..., K, N]; with `transposed` [..., N, K]; with `packed`
    [..., panels, K, width], zero-padded: column n is at [n / width, k, n % width]. Integers narrower than the sums are
    signed, or with `lhs_unsigned`, `rhs_unsigned` not.
    ```
    %r = tile.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x32xf32>) extras(%bias : tensor<32xf32>)
           outs(%c : tensor<?x32xf32>) attributes {extra_maps = [affine_map<(m, n) -> (n)>]} {
         ^bb0(%acc: f32, %x: f32):
           %s = arith.addf %acc, %x : f32
           tile.yield %s : f32
         } -> tensor<?x32xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$lhs, AnyShaped:$rhs, Variadic<AnyType>:$extras, AnyShaped:$init, UnitAttr:$transposed,
                       UnitAttr:$packed, UnitAttr:$lhs_unsigned, UnitAttr:$rhs_unsigned, AffineMapArrayAttr:$extra_maps);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `:` type($init) `)` attr-dict-with-keyword $epilogue (`->` type($result)^)?
  }];
  let builders = [
    // Without an epilogue of its own: stores sums of type `accumulator`.
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs, "::mlir::Value":$init, "::mlir::Type":$accumulator,
                   CArg<"bool", "false">:$transposed, CArg<"bool", "false">:$packed)>
  ];
  let hasVerifier = 1;
}

#endif
