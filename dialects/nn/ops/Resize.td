#ifndef TW_NN_RESIZE
#define TW_NN_RESIZE

include "dialects/nn/NN.td"

def NN_ResizeOp : NN_Op<"resize", [AttrSizedOperandSegments]> {
  let summary = "samples the input at another resolution";
  let description = [{
    Either `scales` or `sizes` (of `axes`, all where absent) is given; an empty tensor stands for an absent operand. Modes:
    `nearest`, `linear`, `cubic`. Coordinates are computed in f32; what is sampled outside is the nearest element inside.
    `%y = nn.resize %x, %scales {mode = "linear", operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (tensor<1x1x2x2xf32>, tensor<4xf32>) -> tensor<1x1x4x4xf32>`
  }];
  let onnx = "Resize,Upsample";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$X, Optional<AnyTensor>:$roi, Optional<AnyTensor>:$scales, Optional<AnyTensor>:$sizes,
                       DefaultValuedAttr<I64Attr, "0">:$antialias, OptionalAttr<DenseI64ArrayAttr>:$axes,
                       DefaultValuedAttr<StrAttr, "\"half_pixel\"">:$coordinate_transformation_mode,
                       DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coeff_a,
                       DefaultValuedAttr<I64Attr, "0">:$exclude_outside,
                       DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation_value,
                       DefaultValuedAttr<StrAttr, "\"stretch\"">:$keep_aspect_ratio_policy,
                       DefaultValuedAttr<StrAttr, "\"nearest\"">:$mode,
                       DefaultValuedAttr<StrAttr, "\"round_prefer_floor\"">:$nearest_mode);
  let results = (outs AnyTensor:$Y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    /// Upsample, and Resize before opset 11, had `scales` as their second input and sampled at i / scale.
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif
