#ifndef TW_NN_LRN
#define TW_NN_LRN

include "dialects/nn/ops/Elementwise.td"

def NN_LrnOp : NN_Op<"lrn"> {
  let summary = "y = x / (bias + alpha / size * sum of x * x over near channels) ^ beta";
  let description = [{
    ONNX LRN; the `size` nearest channels count. `%y = nn.lrn %x {size = 3 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
  }];
  let onnx = "LRN";
  let fusion = "Injective";
  let arguments = (ins NN_Floats:$x, DefaultValuedAttr<F32Attr, "0.0001f">:$alpha, DefaultValuedAttr<F32Attr, "0.75f">:$beta,
                       DefaultValuedAttr<F32Attr, "1.0f">:$bias, I64Attr:$size);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
