#ifndef TW_NN_RESHAPE
#define TW_NN_RESHAPE

include "dialects/nn/NN.td"

def NN_ReshapeOp : NN_Op<"reshape"> {
  let summary = "the same elements in the same order under another shape";
  let description = [{
    ONNX Reshape: a 0 in `shape` copies the input's dim unless `allowzero` is set, one -1 is computed.
    `%y = nn.reshape %x, %shape : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<3x4xf32>`
  }];
  let onnx = "Reshape";
  let fusion = "View";
  let hasCanonicalizer = 1;
  let arguments = (ins AnyTensor:$data, AnyTensor:$shape, DefaultValuedAttr<I64Attr, "0">:$allowzero);
  let results = (outs AnyTensor:$reshaped);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
