// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @mode(%x: tensor<1x1x3x3xf32>, %g: tensor<1x2x2x2xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'mode': expected linear, nearest or cubic, found bilinear}}
  %y0 = nn.grid_sample %x, %g {mode = "bilinear"} : (tensor<1x1x3x3xf32>, tensor<1x2x2x2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @padding(%x: tensor<1x1x3x3xf32>, %g: tensor<1x2x2x2xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'padding_mode': expected zeros, border or reflection, found wrap}}
  %y0 = nn.grid_sample %x, %g {padding_mode = "wrap"} : (tensor<1x1x3x3xf32>, tensor<1x2x2x2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<1x1x3x3xf32>, %g: tensor<2x2x2xf32>) -> tensor<*xf32> {
  // expected-error @below {{expected X and grid of one rank, 3 or more, found 1x1x3x3 and 2x2x2}}
  %y0 = nn.grid_sample %x, %g : (tensor<1x1x3x3xf32>, tensor<2x2x2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
