#ifndef TW_NN_ROI_ALIGN
#define TW_NN_ROI_ALIGN

include "dialects/nn/NN.td"

def NN_RoiAlignOp : NN_Op<"roi_align"> {
  let summary = "regions of interest sampled on a grid and pooled";
  let description = [{
    Region r is (x1, y1, x2, y2) in `rois`, on image `batch_indices[r]` (clamped). Each result pixel is the mean (`avg`) or the
    greatest weighted corner (`max`) of its samples.
    `%y = nn.roi_align %x, %rois, %b {output_height = 2 : i64, output_width = 2 : i64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x2xf32>`
  }];
  let onnx = "RoiAlign";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$X, AnyTensor:$rois, AnyTensor:$batch_indices,
                       DefaultValuedAttr<StrAttr, "\"half_pixel\"">:$coordinate_transformation_mode,
                       DefaultValuedAttr<StrAttr, "\"avg\"">:$mode, DefaultValuedAttr<I64Attr, "1">:$output_height,
                       DefaultValuedAttr<I64Attr, "1">:$output_width, DefaultValuedAttr<I64Attr, "0">:$sampling_ratio,
                       DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale);
  let results = (outs AnyTensor:$Y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif
