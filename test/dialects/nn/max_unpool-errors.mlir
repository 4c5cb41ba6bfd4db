// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @kernel(%x: tensor<1x1x2x2xf32>, %i: tensor<1x1x2x2xi64>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'kernel_shape': expected 2 values, found 1}}
  %y0 = nn.max_unpool %x, %i {kernel_shape = array<i64: 2>} : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @shape(%x: tensor<1x1x2x2xf32>, %i: tensor<1x1x2x2xi64>, %o: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{operand 'output_shape': expected 4 values, found 2}}
  %y0 = nn.max_unpool %x, %i, %o {kernel_shape = array<i64: 2, 2>} : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
