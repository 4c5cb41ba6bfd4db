// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @permutation(%x: tensor<2x3xf32>) {
  // expected-error @below {{attribute 'perm': expected a permutation of 0..1, found [1, 1]}}
  %r = nn.transpose %x {perm = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<*xf32>
  return
}
