#ifndef TW_TILE_SCAN
#define TW_TILE_SCAN

include "dialects/tile/Tile.td"

def Tile_ScanOp : Tile_UpdateOp<"scan", 1, 0> {
  let summary = "init[o, i, n] = x[o, 0, n] through x[o, i, n] added or multiplied";
  let description = [{
    Running sums or products along the middle dim; `exclusive` leaves x[o, i, n] out, `reverse` goes from the last element to
    x[o, i, n]. Narrow floats are computed with in f32.
    `%r = tile.scan "add" ins(%x : tensor<4x?x8xf32>) outs(%y : tensor<4x?x8xf32>) {reverse} -> tensor<4x?x8xf32>`
  }];
  let arguments = (ins StrAttr:$kind, AnyShaped:$x, AnyShaped:$init, UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kind `ins` `(` $x `:` type($x) `)` `outs` `(` $init `:` type($init) `)` attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

#endif
