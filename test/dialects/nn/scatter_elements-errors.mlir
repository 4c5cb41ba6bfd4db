// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @reduction(%x: tensor<3xf32>, %i: tensor<2xi64>, %u: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'reduction': expected none, add, mul, min or max, found sum}}
  %y0 = nn.scatter_elements %x, %i, %u {reduction = "sum"} : (tensor<3xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<3xf32>, %i: tensor<2x1xi64>, %u: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{expected data, indices and updates of one rank, found 'tensor<3xf32>', 'tensor<2x1xi64>', 'tensor<2xf32>'}}
  %y0 = nn.scatter_elements %x, %i, %u : (tensor<3xf32>, tensor<2x1xi64>, tensor<2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
