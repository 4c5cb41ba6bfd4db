// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @axis(%x: tensor<2x3xf32>, %s: tensor<3xf32>) {
  // expected-error @below {{attribute 'axis': expected a value in [-2, 1], found 2}}
  %r:3 = nn.layer_normalization %x, %s {axis = 2 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @rank(%x: tensor<3xf32>, %s: tensor<3xf32>) {
  // expected-error @below {{expected an input of rank 2 or more, found 'tensor<3xf32>'}}
  %r = nn.instance_normalization %x, %s, %s : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @norm(%x: tensor<2x3xf32>) {
  // expected-error @below {{attribute 'p': expected 1 or 2, found 3}}
  %r = nn.lp_normalization %x {p = 3 : i64} : (tensor<2x3xf32>) -> tensor<*xf32>
  return
}
