// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @doubles
func.func @doubles() {
  %x0 = nn.constant dense<[[[[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x1x2x2xf32>
  %x1 = nn.constant dense<[[[[1, 3], [8, 15]]]]> : tensor<1x1x2x2xi64>
  // CHECK: nn.max_unpool{{ }}
  %y0 = nn.max_unpool %x0, %x1 {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32>
  check.expect_close %y0, dense<[[[[0.0, 5.0, 0.0, 6.0], [0.0, 0.0, 0.0, 0.0], [7.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 8.0]]]]> : tensor<1x1x4x4xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x4x4xf32>
  return
}

// CHECK-LABEL: func @larger
func.func @larger() {
  %x0 = nn.constant dense<[[[[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x1x2x2xf32>
  %x1 = nn.constant dense<[[[[1, 3], [8, 15]]]]> : tensor<1x1x2x2xi64>
  %x2 = nn.constant dense<[1, 1, 5, 5]> : tensor<4xi64>
  // CHECK: nn.max_unpool{{ }}
  %y0 = nn.max_unpool %x0, %x1, %x2 {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>, tensor<4xi64>) -> tensor<1x1x5x5xf32>
  check.expect_close %y0, dense<[[[[0.0, 5.0, 0.0, 6.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], [7.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 8.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]]]]> : tensor<1x1x5x5xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x5x5xf32>
  return
}
