// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @depth(%x: tensor<3xf32>, %i: tensor<2x2xi64>, %u: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{operand 'indices': expected a last dim of known size from 1 to 1, found 'tensor<2x2xi64>'}}
  %y0 = nn.scatter_nd %x, %i, %u : (tensor<3xf32>, tensor<2x2xi64>, tensor<2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @updates(%x: tensor<3x4xf32>, %i: tensor<2x1xi64>, %u: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{operand 'updates': expected rank 2, found 1}}
  %y0 = nn.scatter_nd %x, %i, %u : (tensor<3x4xf32>, tensor<2x1xi64>, tensor<2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @reduction(%x: tensor<3xf32>, %i: tensor<2x1xi64>, %u: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'reduction': expected none, add, mul, min or max, found sum}}
  %y0 = nn.scatter_nd %x, %i, %u {reduction = "sum"} : (tensor<3xf32>, tensor<2x1xi64>, tensor<2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
