#ifndef TW_NN_CONV_INTEGER
#define TW_NN_CONV_INTEGER

include "dialects/nn/NN.td"
include "dialects/interfaces/ExpandOpInterface.td"
include "dialects/interfaces/LayoutOpInterface.td"

def NN_ConvIntegerOp : NN_Op<"conv_integer", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<ExpandOpInterface>,
                                              DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "convolution of x - x_zero with w - w_zero, bytes, summed in i32";
  let description = [{
    ONNX ConvInteger; QLinearConv's sums. `x_zero` is one number, `w_zero` one or one per output channel; attributes as in
    nn.conv. What lies outside of x counts as x_zero.

    Kernels for GPUs convolve the bytes as they are; what zero points add are sums of weights and of windows.
    ```
    %y = nn.conv_integer %x, %w, %z {operandSegmentSizes = array<i32: 1, 1, 1, 0>, pads = array<i64: 1, 1, 1, 1>}
      : (tensor<1x3x8x8xui8>, tensor<4x3x3x3xi8>, tensor<ui8>) -> tensor<1x4x8x8xi32>
    ```
  }];
  let onnx = "ConvInteger,QLinearConv";
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$x, AnyTensor:$w, Optional<AnyTensor>:$x_zero, Optional<AnyTensor>:$w_zero,
                       DefaultValuedAttr<StrAttr, "\"NOTSET\"">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$dilations,
                       DefaultValuedAttr<I64Attr, "1">:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif
