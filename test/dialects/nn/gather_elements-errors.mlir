// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @rank(%x: tensor<2x3xf32>, %i: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{operand 'indices': expected rank 2, found 1}}
  %y0 = nn.gather_elements %x, %i : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @axis(%x: tensor<2xf32>, %i: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'axis': expected a value in [-1, 0], found 1}}
  %y0 = nn.gather_elements %x, %i {axis = 1 : i64} : (tensor<2xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
