#ifndef TW_NN_BATCH_NORMALIZATION
#define TW_NN_BATCH_NORMALIZATION

include "dialects/nn/NN.td"

def NN_BatchNormalizationOp : NN_Op<"batch_normalization"> {
  let summary = "y = (x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + bias[c]";
  let description = [{
    ONNX BatchNormalization for inference; dim 1 of `x` is the channel c.
    `%y = nn.batch_normalization %x, %scale, %bias, %mean, %variance : (tensor<1x3x8x8xf32>, tensor<3xf32>, tensor<3xf32>,
    tensor<3xf32>, tensor<3xf32>) -> tensor<1x3x8x8xf32>`. Where the four vectors are constants the canonical form is x * s + t.
  }];
  let onnx = "BatchNormalization";
  let fusion = "Elementwise";
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, AnyTensor:$bias, AnyTensor:$mean, AnyTensor:$variance,
                       DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif
