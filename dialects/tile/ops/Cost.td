#ifndef TW_TILE_COST
#define TW_TILE_COST

include "dialects/tile/Tile.td"

def Tile_CostOp : Tile_Op<"cost", [MemoryEffects<[MemWrite]>]> {
  let summary = "what one trip through the surrounding scf.forall costs";
  let description = [{
    One thread's time for one trip in nanoseconds, an estimate. Trips are grouped into blocks by it. The operand is defined
    outside of the loop.
    `tile.cost %ns`
  }];
  let arguments = (ins Index:$nanoseconds);
  let assemblyFormat = "$nanoseconds attr-dict";
}

#endif
