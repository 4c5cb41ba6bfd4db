#ifndef TW_TILE_TENSOR_MAP
#define TW_TILE_TENSOR_MAP

include "dialects/tile/Tile.td"

def Tile_TensorMapOp : Tile_Op<"tensor_map", [Pure]> {
  let summary = "a buffer as the tensor memory accelerator sees it, and the box that it copies at once";
  let description = [{
    The address of a tensor map among the kernel's parameters, which the host encodes before the launch. Sizes and distances
    are the buffer's; the buffer is, or views from its first element on, an argument of the kernel. `box` has a size for each
    of its dims; the innermost one's, 32, 64 or 128 bytes, is also the width of the swizzle. Without `fits` there is no map,
    and no block that uses it runs: the first element and all distances must be multiples of 16 bytes, and no size zero.
    `%map = tile.tensor_map %a box [1, 128, 64] if %fits : memref<4x256x512xf16> -> !llvm.ptr`
  }];
  let arguments = (ins AnyMemRef:$buffer, I1:$fits, DenseI64ArrayAttr:$box);
  let results = (outs AnyType:$map);
  let assemblyFormat = "$buffer `box` $box `if` $fits attr-dict `:` type($buffer) `->` type($map)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Bytes of the box's innermost dim.
    int64_t getLineBytes();
  }];
}

#endif
