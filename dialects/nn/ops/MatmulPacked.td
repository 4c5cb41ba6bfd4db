#ifndef TW_NN_MATMUL_PACKED
#define TW_NN_MATMUL_PACKED

include "dialects/nn/NN.td"

def NN_MatmulPackedOp : NN_Op<"matmul_packed"> {
  let summary = "nn.matmul whose right side was packed by nn.pack_matmul";
  let description = [{
    `columns` of the right side are real, the rest is padding. `width` is that of a panel.
    `%y = nn.matmul_packed %a, %p {columns = 100 : i64, width = 32 : i64} : (tensor<?x64xf32>, tensor<4x64x32xf32>) -> tensor<?x100xf32>`
  }];
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$a, AnyTensor:$panels, I64Attr:$columns, I64Attr:$width);
  let results = (outs AnyTensor:$product);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
