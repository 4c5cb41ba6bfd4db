#ifndef TW_NN_MAX_UNPOOL
#define TW_NN_MAX_UNPOOL

include "dialects/nn/NN.td"

def NN_MaxUnpoolOp : NN_Op<"max_unpool"> {
  let summary = "elements put back where MaxPool found them, zeros elsewhere";
  let description = [{
    `I` counts elements of the whole result, in the shape that the pooling attributes give; `output_shape` may be larger.
    Positions outside are left out.
    `%y = nn.max_unpool %x, %i {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32>`
  }];
  let onnx = "MaxUnpool";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$X, AnyTensor:$I, Optional<AnyTensor>:$output_shape, DenseI64ArrayAttr:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
