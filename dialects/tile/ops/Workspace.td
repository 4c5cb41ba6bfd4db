#ifndef TW_TILE_WORKSPACE
#define TW_TILE_WORKSPACE

include "dialects/tile/Tile.td"

def Tile_WorkspaceOp : Tile_Op<"workspace", [MemoryEffects<[MemRead]>]> {
  let summary = "a part of the scratch memory of the thread that runs the block, or of the launch";
  let description = [{
    `offset` and `size` are in bytes, defined outside of the surrounding scf.forall; the offset is a multiple of 64. Contents
    are undefined when a trip starts. The thread's scratch memory is as large as the ops of a kernel need. With `shared` it is
    memory of the launch, which all threads see: what a phase of a kernel leaves to the next.
    `%s = tile.workspace[%offset] (%bytes) : memref<?xi8>`
  }];
  let arguments = (ins Index:$offset, Index:$size, UnitAttr:$shared);
  let results = (outs MemRefRankOf<[I8], [1]>:$result);
  let assemblyFormat = "`[` $offset `]` `(` $size `)` attr-dict `:` type($result)";
}

#endif
