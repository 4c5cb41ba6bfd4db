// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @depth(%x: tensor<2x3xf32>, %i: tensor<2x3xi64>) -> tensor<*xf32> {
  // expected-error @below {{operand 'indices': expected a last dim of known size from 1 to 2, found 'tensor<2x3xi64>'}}
  %y0 = nn.gather_nd %x, %i : (tensor<2x3xf32>, tensor<2x3xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @batch_dims(%x: tensor<2x3xf32>, %i: tensor<2x1xi64>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'batch_dims': expected a value below the ranks of data and indices, found 2}}
  %y0 = nn.gather_nd %x, %i {batch_dims = 2 : i64} : (tensor<2x3xf32>, tensor<2x1xi64>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
