#ifndef TW_TILE_COMPACT
#define TW_TILE_COMPACT

include "dialects/tile/Tile.td"

def Tile_CompactOp : Tile_UpdateOp<"compact", 1, 0> {
  let summary = "init[j] = the position of the j-th flag that is set";
  let description = [{
    Positions that init has no room for are left out; what is left of init is not written.
    `%p = tile.compact ins(%flags : tensor<?xi1>) outs(%e : tensor<?xi64>) -> tensor<?xi64>`
  }];
  let arguments = (ins AnyShaped:$flags, AnyShaped:$init);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $flags `:` type($flags) `)` `outs` `(` $init `:` type($init) `)` attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

#endif
