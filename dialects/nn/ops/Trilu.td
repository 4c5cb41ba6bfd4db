#ifndef TW_NN_TRILU
#define TW_NN_TRILU

include "dialects/nn/NN.td"

def NN_TriluOp : NN_Op<"trilu"> {
  let summary = "the upper or lower triangle of matrices, 0 elsewhere";
  let description = [{
    ONNX Trilu: diagonal `k`, 0 if absent, belongs to the triangle; positive ones lie above the main diagonal.
    `%y = nn.trilu %x, %k {upper = 0 : i64} : (tensor<2x4x4xf32>, tensor<i64>) -> tensor<2x4x4xf32>`
  }];
  let onnx = "Trilu";
  let fusion = "Injective";
  let arguments = (ins AnyRankedTensor:$input, Optional<AnyRankedTensor>:$k, DefaultValuedAttr<I64Attr, "1">:$upper);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
