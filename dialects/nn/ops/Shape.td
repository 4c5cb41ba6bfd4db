#ifndef TW_NN_SHAPE
#define TW_NN_SHAPE

include "dialects/nn/NN.td"

def NN_ShapeOp : NN_Op<"shape"> {
  let summary = "the dims of a tensor";
  let description = [{
    Dims `start` to `end` (counted from the end where negative, clamped to the rank) as int64.
    `%s = nn.shape %x {start = 1 : i64} : (tensor<2x?x4xf32>) -> tensor<2xi64>`
  }];
  let onnx = "Shape";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$data, DefaultValuedAttr<I64Attr, "0">:$start, OptionalAttr<I64Attr>:$end);
  let results = (outs AnyTensor:$shape);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
