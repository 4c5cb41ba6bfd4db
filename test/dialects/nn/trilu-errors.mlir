// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<3xf32>) {
  // expected-error @below {{expected an input of rank 2 or more, found 'tensor<3xf32>'}}
  %r = nn.trilu %x : (tensor<3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @many_diagonals(%x: tensor<3x3xf32>, %k: tensor<?xi64>) {
  // expected-error @below {{input 'k': expected one integer, found 'tensor<?xi64>'}}
  %r = nn.trilu %x, %k : (tensor<3x3xf32>, tensor<?xi64>) -> tensor<*xf32>
  return
}
