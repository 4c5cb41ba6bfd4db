// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @above
func.func @above() {
  %x0 = nn.constant dense<[[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]> : tensor<3x4xi32>
  // CHECK: nn.eye_like{{ }}
  %y0 = nn.eye_like %x0 {dtype = f32, k = 1 : i64}
    : (tensor<3x4xi32>) -> tensor<3x4xf32>
  check.expect_close %y0, dense<[[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]> : tensor<3x4xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @below
func.func @below() {
  %x0 = nn.constant dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf32>
  // CHECK: nn.eye_like{{ }}
  %y0 = nn.eye_like %x0 {k = -1 : i64}
    : (tensor<3x2xf32>) -> tensor<3x2xf32>
  check.expect_close %y0, dense<[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]> : tensor<3x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x2xf32>
  return
}
