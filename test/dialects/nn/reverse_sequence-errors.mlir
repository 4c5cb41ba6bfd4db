// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @axes(%x: tensor<2x4xf32>, %n: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{attributes 'batch_axis' and 'time_axis': expected 0 and 1 or 1 and 0, found 1 and 1}}
  %y0 = nn.reverse_sequence %x, %n {batch_axis = 1 : i64, time_axis = 1 : i64} : (tensor<2x4xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<2xf32>, %n: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{operand 'input': expected 2 dims or more, found 'tensor<2xf32>'}}
  %y0 = nn.reverse_sequence %x, %n : (tensor<2xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
