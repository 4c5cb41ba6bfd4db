// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @outside(%x: tensor<2x3xf32>) {
  // expected-error @below {{attribute 'axis': expected a value in [-2, 1], found 2}}
  %r = nn.arg_max %x {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<*xi64>
  return
}
