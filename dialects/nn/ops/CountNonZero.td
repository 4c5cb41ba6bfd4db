#ifndef TW_NN_COUNT_NON_ZERO
#define TW_NN_COUNT_NON_ZERO

include "dialects/nn/NN.td"

def NN_CountNonZeroOp : NN_Op<"count_non_zero"> {
  let summary = "how many elements are not zero";
  let description = [{
    `%n = nn.count_non_zero %x : (tensor<3x4xf32>) -> tensor<i64>`
  }];
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$input);
  let results = (outs AnyTensor:$count);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
