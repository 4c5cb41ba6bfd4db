#ifndef TW_NN_PACK_MATMUL
#define TW_NN_PACK_MATMUL

include "dialects/nn/NN.td"

def NN_PackMatmulOp : NN_Op<"pack_matmul"> {
  let summary = "a product's right side in the order in which it is read";
  let description = [{
    [..., K, N] (with `transposed` [..., N, K]) becomes panels of `width` columns, [..., ceil(N / width), K, width], the last
    one padded with zeros.
    `%p = nn.pack_matmul %b {width = 32 : i64} : (tensor<64x100xf32>) -> tensor<4x64x32xf32>`
  }];
  let arguments = (ins AnyTensor:$matrix, I64Attr:$width, UnitAttr:$transposed);
  let results = (outs AnyTensor:$panels);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
