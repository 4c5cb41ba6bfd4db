// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @mode(%x: tensor<1x1x4x4xf32>, %r: tensor<2x4xf32>, %b: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'mode': expected avg or max, found min}}
  %y0 = nn.roi_align %x, %r, %b {mode = "min"} : (tensor<1x1x4x4xf32>, tensor<2x4xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<1x4x4xf32>, %r: tensor<2x4xf32>, %b: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{expected X of 4 dims and rois of 2, found 1x4x4 and 2x4}}
  %y0 = nn.roi_align %x, %r, %b : (tensor<1x4x4xf32>, tensor<2x4xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
