#ifndef TW_NN_CONSTANT
#define TW_NN_CONSTANT

include "dialects/nn/NN.td"

def NN_ConstantOp : Op<NN_Dialect, "constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a small tensor known while compiling";
  let description = [{
    Larger ones are `nn.weight`s. `%c = nn.constant dense<[1, 2]> : tensor<2xi64>`
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyTensor:$result);
  let hasFolder = 1;
  let assemblyFormat = "attr-dict $value";
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral kOnnxName{""};
    static constexpr ::llvm::StringLiteral kOnnxDomain{""};
  }];
}

#endif
