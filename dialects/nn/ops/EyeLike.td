#ifndef TW_NN_EYE_LIKE
#define TW_NN_EYE_LIKE

include "dialects/nn/NN.td"

def NN_EyeLikeOp : NN_Op<"eye_like"> {
  let summary = "ones on a diagonal, in the shape of the input";
  let description = [{
    Diagonal `k` is above the main one where positive. Without `dtype` the element type is the input's.
    `%y = nn.eye_like %x {dtype = f32, k = 1 : i64} : (tensor<3x4xi32>) -> tensor<3x4xf32>`
  }];
  let onnx = "EyeLike";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, OptionalAttr<TypeAttr>:$dtype, DefaultValuedAttr<I64Attr, "0">:$k);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
