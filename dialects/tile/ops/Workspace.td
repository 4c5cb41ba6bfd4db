#ifndef TW_TILE_WORKSPACE
#define TW_TILE_WORKSPACE

include "dialects/tile/Tile.td"

def Tile_WorkspaceOp : Tile_Op<"workspace", [MemoryEffects<[MemRead]>]> {
  let summary = "a part of the scratch memory of the thread that runs the block";
  let description = [{
    `offset` is in bytes and aligned to 64; contents are undefined when a block starts.
    `%s = tile.workspace[%offset] (%n) : memref<?xf32>`
  }];
  let arguments = (ins Index:$offset, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "`[` $offset `]` `(` $sizes `)` attr-dict `:` type($result)";
}

#endif
