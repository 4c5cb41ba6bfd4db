// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @mode(%x: tensor<1x8x2x3xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'mode': expected DCR or CRD, found RCD}}
  %y0 = nn.depth_to_space %x {blocksize = 2 : i64, mode = "RCD"} : (tensor<1x8x2x3xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<8x2x3xf32>) -> tensor<*xf32> {
  // expected-error @below {{expected 4 dims and a positive 'blocksize', found 8x2x3 and 2}}
  %y0 = nn.depth_to_space %x {blocksize = 2 : i64} : (tensor<8x2x3xf32>) -> tensor<*xf32>
  return %y0 : tensor<*xf32>
}
