#ifndef TW_NN_TOP_K
#define TW_NN_TOP_K

include "dialects/nn/NN.td"

def NN_TopKOp : NN_Op<"top_k"> {
  let summary = "the k largest or smallest elements along an axis, and where they are";
  let description = [{
    ONNX TopK. Results are always sorted; of equal elements the first ones win. NaN is larger than all else, as in NumPy.
    `%v, %i = nn.top_k %x, %k : (tensor<2x8xf32>, tensor<1xi64>) -> (tensor<2x3xf32>, tensor<2x3xi64>)`
  }];
  let onnx = "TopK";
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$k, DefaultValuedAttr<I64Attr, "-1">:$axis,
                       DefaultValuedAttr<I64Attr, "1">:$largest, DefaultValuedAttr<I64Attr, "1">:$sorted);
  let results = (outs AnyTensor:$values, AnyTensor:$indices);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
