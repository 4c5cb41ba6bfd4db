// Normalizations by statistics of the input itself.
#ifndef TW_NN_NORMALIZATION
#define TW_NN_NORMALIZATION

include "dialects/nn/ops/Elementwise.td"

def NN_LayerNormalizationOp : NN_Op<"layer_normalization"> {
  let summary = "y = (x - mean) / sqrt(variance + epsilon) * scale + bias over the dims from `axis` on";
  let description = [{
    ONNX LayerNormalization; statistics are f32 (f64 for f64).
    `%y, %mean, %inv = nn.layer_normalization %x, %s : (tensor<2x8xf32>, tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x1xf32>, tensor<2x1xf32>)`
  }];
  let onnx = "LayerNormalization";
  let fusion = "Reduction";
  let arguments = (ins NN_Floats:$x, NN_Floats:$scale, Optional<NN_Floats>:$bias, DefaultValuedAttr<I64Attr, "-1">:$axis,
                       DefaultValuedAttr<F32Attr, "1e-05f">:$epsilon, DefaultValuedAttr<I64Attr, "1">:$stash_type);
  let results = (outs AnyTensor:$y, AnyTensor:$mean, AnyTensor:$inv_std_dev);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_InstanceNormalizationOp : NN_Op<"instance_normalization"> {
  let summary = "y = (x - mean) / sqrt(variance + epsilon) * scale[c] + bias[c], statistics over all dims but batch and channel";
  let description = [{
    ONNX InstanceNormalization.
    `%y = nn.instance_normalization %x, %s, %b : (tensor<2x3x8x8xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x8x8xf32>`
  }];
  let onnx = "InstanceNormalization";
  let fusion = "Reduction";
  let arguments = (ins NN_Floats:$x, NN_Floats:$scale, NN_Floats:$bias, DefaultValuedAttr<F32Attr, "1e-05f">:$epsilon);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_LpNormalizationOp : NN_Op<"lp_normalization"> {
  let summary = "y = x / norm(x) along an axis, 0 where the norm is";
  let description = [{
    ONNX LpNormalization, p = 1 or 2. `%y = nn.lp_normalization %x {p = 1 : i64} : (tensor<2x8xf32>) -> tensor<2x8xf32>`
  }];
  let onnx = "LpNormalization";
  let fusion = "Reduction";
  let arguments = (ins NN_Floats:$input, DefaultValuedAttr<I64Attr, "-1">:$axis, DefaultValuedAttr<I64Attr, "2">:$p);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
