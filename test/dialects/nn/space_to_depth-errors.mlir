// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @size(%x: tensor<1x8x2x2xf32>) -> tensor<*xf32> {
  // expected-error @below {{expected 4 dims and a positive 'blocksize', found 1x8x2x2 and 0}}
  %y0 = nn.space_to_depth %x {blocksize = 0 : i64} : (tensor<1x8x2x2xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
