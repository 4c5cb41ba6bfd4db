// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @batch_first
func.func @batch_first() {
  %x0 = nn.constant dense<[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]> : tensor<2x4xf32>
  %x1 = nn.constant dense<[3, 1]> : tensor<2xi64>
  // CHECK: nn.reverse_sequence{{ }}
  %y0 = nn.reverse_sequence %x0, %x1 {batch_axis = 0 : i64, time_axis = 1 : i64}
    : (tensor<2x4xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  check.expect_close %y0, dense<[[2.0, 1.0, 0.0, 3.0], [4.0, 5.0, 6.0, 7.0]]> : tensor<2x4xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x4xf32>
  return
}

// CHECK-LABEL: func @time_first
func.func @time_first() {
  %x0 = nn.constant dense<[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]> : tensor<4x2xf32>
  %x1 = nn.constant dense<[4, 2]> : tensor<2xi64>
  // CHECK: nn.reverse_sequence{{ }}
  %y0 = nn.reverse_sequence %x0, %x1 {batch_axis = 1 : i64, time_axis = 0 : i64}
    : (tensor<4x2xf32>, tensor<2xi64>) -> tensor<4x2xf32>
  check.expect_close %y0, dense<[[6.0, 3.0], [4.0, 1.0], [2.0, 5.0], [0.0, 7.0]]> : tensor<4x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<4x2xf32>
  return
}
