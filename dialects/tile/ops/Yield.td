#ifndef TW_TILE_YIELD
#define TW_TILE_YIELD

include "dialects/tile/Tile.td"

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "ends the region of a tile op with the element that it stores";
  let description = "`tile.yield %x : f32`";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif
