// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<3xf32>) {
  // expected-error @below {{expected an input of rank 2 or more, found 'tensor<3xf32>'}}
  %r = nn.dft %x {operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @axes(%x: tensor<1x3x1xf32>, %axis: tensor<2xi64>) {
  // expected-error @below {{inputs 'dft_length' and 'axis': expected one integer, found 'tensor<2xi64>'}}
  %r = nn.dft %x, %axis {operandSegmentSizes = array<i32: 1, 0, 1>} : (tensor<1x3x1xf32>, tensor<2xi64>) -> tensor<*xf32>
  return
}
