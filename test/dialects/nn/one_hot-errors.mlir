// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @depth(%i: tensor<3xi64>, %d: tensor<2xi64>, %v: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{operand 'depth': expected one element, found 'tensor<2xi64>'}}
  %y0 = nn.one_hot %i, %d, %v : (tensor<3xi64>, tensor<2xi64>, tensor<2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
