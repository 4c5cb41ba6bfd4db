// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<3xf32>, %s: tensor<3xf32>) {
  // expected-error @below {{operand 'x': expected at least 2 dims, found 1}}
  %r = nn.batch_normalization %x, %s, %s, %s, %s : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @channels(%x: tensor<2x4x2xf32>, %s: tensor<3xf32>) {
  // expected-error @below {{expected vectors of 4 elements, one per channel, found 3}}
  %r = nn.batch_normalization %x, %s, %s, %s, %s : (tensor<2x4x2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return
}
