// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @outside(%x: tensor<2x3xf32>) {
  %axes = nn.constant dense<2> : tensor<1xi64>
  // expected-error @below {{input 'axes': expected values in [-2, 1], found 2}}
  %r = nn.reduce_sum %x, %axes : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return
}

// -----

func.func @unknown_count(%x: tensor<2x3xf32>, %axes: tensor<?xi64>) {
  // expected-error @below {{input 'axes': expected a number of axes that is known when compiling, found 'tensor<?xi64>'}}
  %r = nn.reduce_sum %x, %axes : (tensor<2x3xf32>, tensor<?xi64>) -> tensor<*xf32>
  return
}
