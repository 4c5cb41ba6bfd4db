// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference, where an index outside is off everywhere.

// CHECK-LABEL: func @last
func.func @last() {
  %x0 = nn.constant dense<[1, -1, 5]> : tensor<3xi64>
  %x1 = nn.constant dense<3> : tensor<i64>
  %x2 = nn.constant dense<[2.0, 7.0]> : tensor<2xf32>
  // CHECK: nn.one_hot{{ }}
  %y0 = nn.one_hot %x0, %x1, %x2
    : (tensor<3xi64>, tensor<i64>, tensor<2xf32>) -> tensor<3x3xf32>
  check.expect_close %y0, dense<[[2.0, 7.0, 2.0], [2.0, 2.0, 7.0], [2.0, 2.0, 2.0]]> : tensor<3x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x3xf32>
  return
}

// CHECK-LABEL: func @axis_0
func.func @axis_0() {
  %x0 = nn.constant dense<[1, 2]> : tensor<2xi64>
  %x1 = nn.constant dense<3> : tensor<i64>
  %x2 = nn.constant dense<[0, 1]> : tensor<2xi32>
  // CHECK: nn.one_hot{{ }}
  %y0 = nn.one_hot %x0, %x1, %x2 {axis = 0 : i64}
    : (tensor<2xi64>, tensor<i64>, tensor<2xi32>) -> tensor<3x2xi32>
  check.expect_close %y0, dense<[[0, 0], [1, 0], [0, 1]]> : tensor<3x2xi32> : tensor<3x2xi32>
  return
}
