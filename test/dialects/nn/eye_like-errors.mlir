// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @rank(%x: tensor<3xf32>) -> tensor<*xf32> {
  // expected-error @below {{operand 'input': expected 2 dims, found 'tensor<3xf32>'}}
  %y0 = nn.eye_like %x : (tensor<3xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
