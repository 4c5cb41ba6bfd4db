#ifndef TW_NN_AVERAGE_POOL
#define TW_NN_AVERAGE_POOL

include "dialects/nn/NN.td"
include "dialects/interfaces/LayoutOpInterface.td"

def NN_AveragePoolOp : NN_Op<"average_pool", [DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "the mean of the elements under each window";
  let description = [{
    ONNX AveragePool: the mean of the elements inside the input, or inside the padded input where `count_include_pad`.
    `%y = nn.average_pool %x {kernel_shape = array<i64: 2, 2>} : (tensor<1x3x4x4xf32>) -> tensor<1x3x3x3xf32>`
  }];
  let onnx = "AveragePool";
  let arguments = (ins AnyTensor:$x, DefaultValuedAttr<StrAttr, "\"NOTSET\"">:$auto_pad,
                       DefaultValuedAttr<I64Attr, "0">:$ceil_mode, UnitAttr:$channels_last, DefaultValuedAttr<I64Attr, "0">:$count_include_pad,
                       OptionalAttr<DenseI64ArrayAttr>:$dilations, DenseI64ArrayAttr:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
