// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @blocks
func.func @blocks() {
  %x0 = nn.constant dense<[[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]], [[8.0, 9.0, 10.0, 11.0], [12.0, 13.0, 14.0, 15.0]]]]> : tensor<1x2x2x4xf32>
  // CHECK: nn.space_to_depth{{ }}
  %y0 = nn.space_to_depth %x0 {blocksize = 2 : i64}
    : (tensor<1x2x2x4xf32>) -> tensor<1x8x1x2xf32>
  check.expect_close %y0, dense<[[[[0.0, 2.0]], [[8.0, 10.0]], [[1.0, 3.0]], [[9.0, 11.0]], [[4.0, 6.0]], [[12.0, 14.0]], [[5.0, 7.0]], [[13.0, 15.0]]]]> : tensor<1x8x1x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x8x1x2xf32>
  return
}
