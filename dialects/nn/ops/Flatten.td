#ifndef TW_NN_FLATTEN
#define TW_NN_FLATTEN

include "dialects/nn/NN.td"

def NN_FlattenOp : NN_Op<"flatten"> {
  let summary = "two dims: the product of the dims before `axis`, and of the rest";
  let description = [{
    `%y = nn.flatten %x {axis = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x12xf32>`
  }];
  let onnx = "Flatten";
  let fusion = "View";
  let arguments = (ins AnyTensor:$input, DefaultValuedAttr<I64Attr, "1">:$axis);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
