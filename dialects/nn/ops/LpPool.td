#ifndef TW_NN_LP_POOL
#define TW_NN_LP_POOL

include "dialects/nn/NN.td"

def NN_LpPoolOp : NN_Op<"lp_pool"> {
  let summary = "the p-norm of the elements under each window";
  let description = [{
    ONNX LpPool: (sum of |x|^p)^(1/p).
    `%y = nn.lp_pool %x {kernel_shape = array<i64: 2, 2>} : (tensor<1x3x4x4xf32>) -> tensor<1x3x3x3xf32>`
  }];
  let onnx = "LpPool";
  let arguments = (ins AnyTensor:$x, DefaultValuedAttr<StrAttr, "\"NOTSET\"">:$auto_pad,
                       DefaultValuedAttr<I64Attr, "0">:$ceil_mode, UnitAttr:$channels_last,
                       OptionalAttr<DenseI64ArrayAttr>:$dilations, DenseI64ArrayAttr:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, DefaultValuedAttr<I64Attr, "2">:$p, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
