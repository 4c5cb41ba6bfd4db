#ifndef TW_NN_COL2IM
#define TW_NN_COL2IM

include "dialects/nn/NN.td"

def NN_Col2imOp : NN_Op<"col2im"> {
  let summary = "columns of blocks summed into an image";
  let description = [{
    The inverse of taking blocks: each element is added at its place in the image.
    `%y = nn.col2im %x, %image, %block : (tensor<1x5x5xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x1x5x5xf32>`
  }];
  let onnx = "Col2Im";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$input, AnyTensor:$image_shape, AnyTensor:$block_shape, OptionalAttr<DenseI64ArrayAttr>:$dilations,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
