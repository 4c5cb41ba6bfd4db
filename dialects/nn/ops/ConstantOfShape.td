#ifndef TW_NN_CONSTANT_OF_SHAPE
#define TW_NN_CONSTANT_OF_SHAPE

include "dialects/nn/NN.td"

def NN_ConstantOfShapeOp : NN_Op<"constant_of_shape"> {
  let summary = "a tensor filled with one value";
  let description = [{
    `value` holds one element; without it the result is f32 zeros.
    `%y = nn.constant_of_shape %shape {value = dense<1.0> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<3x4xf32>`
  }];
  let onnx = "ConstantOfShape";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, OptionalAttr<ElementsAttr>:$value);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
