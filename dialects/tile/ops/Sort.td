#ifndef TW_TILE_SORT
#define TW_TILE_SORT

include "dialects/tile/Tile.td"

def Tile_SortOp : Tile_UpdateOp<"sort", 2, 0> {
  let summary = "values[o, r, n], places[o, r, n] = the element of rank r among x[o, :, n], and where it is";
  let description = [{
    As many ranks as `values` has, in order along the middle dim: the smallest first or, with `descending`, the largest. Of
    equal elements the earlier comes first; 0 and -0 are equal, NaNs are equal and larger than all else. Integers are signed
    unless `as_unsigned`. At most 2^32 - 1 elements along the middle dim.
    ```
    %v, %p = tile.sort ins(%x : tensor<4x?x1xf32>) outs(%a, %b : tensor<4x5x1xf32>, tensor<4x5x1xi64>) {descending}
             -> tensor<4x5x1xf32>, tensor<4x5x1xi64>
    ```
  }];
  let arguments = (ins AnyShaped:$x, AnyShaped:$values, AnyShaped:$places, UnitAttr:$descending, UnitAttr:$as_unsigned);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` `outs` `(` $values `,` $places `:` type($values) `,` type($places) `)` attr-dict
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

#endif
