// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @rank(%x: tensor<4x4xf32>, %i: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{expected an input of 3 dims and as many block as image dims, found 4x4, 2 and 2}}
  %y0 = nn.col2im %x, %i, %i : (tensor<4x4xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
