#ifndef TW_NN_WEIGHT
#define TW_NN_WEIGHT

include "dialects/nn/NN.td"

def NN_WeightOp : Op<NN_Dialect, "weight", [Pure]> {
  let summary = "a tensor whose bytes stay outside the IR";
  let description = [{
    `id` indexes the compiler's list of weights, each of which is a place in a mapped file (or in memory, where the
    compiler computed it). `%w = nn.weight 3 : tensor<64x3x7x7xf32>`
  }];
  let arguments = (ins I64Attr:$id);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$id attr-dict `:` type($result)";
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral kOnnxName{""};
    static constexpr ::llvm::StringLiteral kOnnxDomain{""};
  }];
}

#endif
