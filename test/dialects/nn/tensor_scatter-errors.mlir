// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @mode(%x: tensor<2x4x1xf32>, %u: tensor<2x1x1xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'mode': expected linear or circular, found ring}}
  %y0 = nn.tensor_scatter %x, %u {mode = "ring"} : (tensor<2x4x1xf32>, tensor<2x1x1xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<2x4x1xf32>, %u: tensor<2x1xf32>) -> tensor<*xf32> {
  // expected-error @below {{operand 'update': expected rank 3, found 2}}
  %y0 = nn.tensor_scatter %x, %u : (tensor<2x4x1xf32>, tensor<2x1xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
