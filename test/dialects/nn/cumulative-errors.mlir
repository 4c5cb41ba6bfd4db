// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @axes(%x: tensor<3xf32>, %axis: tensor<2xi64>) {
  // expected-error @below {{input 'axis': expected one integer, found 'tensor<2xi64>'}}
  %r = nn.cum_sum %x, %axis : (tensor<3xf32>, tensor<2xi64>) -> tensor<*xf32>
  return
}
