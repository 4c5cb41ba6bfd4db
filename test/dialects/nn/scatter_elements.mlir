// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @axis_1
func.func @axis_1() {
  %x0 = nn.constant dense<[[0.09000000357627869, 1.0, 0.6800000071525574], [-0.12999999523162842, -1.1799999475479126, -0.03999999910593033], [-0.5099999904632568, -0.09000000357627869, -0.5400000214576721]]> : tensor<3x3xf32>
  %x1 = nn.constant dense<[[0, -1]]> : tensor<1x2xi64>
  %x2 = nn.constant dense<[[8.0, 9.0]]> : tensor<1x2xf32>
  // CHECK: nn.scatter_elements{{ }}
  %y0 = nn.scatter_elements %x0, %x1, %x2 {axis = 1 : i64}
    : (tensor<3x3xf32>, tensor<1x2xi64>, tensor<1x2xf32>) -> tensor<3x3xf32>
  check.expect_close %y0, dense<[[8.0, 1.0, 9.0], [-0.12999999523162842, -1.1799999475479126, -0.03999999910593033], [-0.5099999904632568, -0.09000000357627869, -0.5400000214576721]]> : tensor<3x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x3xf32>
  return
}

// CHECK-LABEL: func @add_twice
func.func @add_twice() {
  %x0 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x1 = nn.constant dense<[1, 1]> : tensor<2xi64>
  %x2 = nn.constant dense<[10.0, 20.0]> : tensor<2xf32>
  // CHECK: nn.scatter_elements{{ }}
  %y0 = nn.scatter_elements %x0, %x1, %x2 {reduction = "add"}
    : (tensor<3xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<3xf32>
  check.expect_close %y0, dense<[1.0, 32.0, 3.0]> : tensor<3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3xf32>
  return
}

// CHECK-LABEL: func @min_unsigned
func.func @min_unsigned() {
  %x0 = nn.constant dense<[200, 2, 3]> : tensor<3xui8>
  %x1 = nn.constant dense<[0, 2]> : tensor<2xi64>
  %x2 = nn.constant dense<[100, 250]> : tensor<2xui8>
  // CHECK: nn.scatter_elements{{ }}
  %y0 = nn.scatter_elements %x0, %x1, %x2 {reduction = "min"}
    : (tensor<3xui8>, tensor<2xi64>, tensor<2xui8>) -> tensor<3xui8>
  check.expect_close %y0, dense<[100, 2, 3]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @outside_is_left_out
func.func @outside_is_left_out() {
  %x0 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x1 = nn.constant dense<[5, -4, -3]> : tensor<3xi64>
  %x2 = nn.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
  // CHECK: nn.scatter_elements{{ }}
  %y0 = nn.scatter_elements %x0, %x1, %x2
    : (tensor<3xf32>, tensor<3xi64>, tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %y0, dense<[30.0, 2.0, 3.0]> : tensor<3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3xf32>
  return
}
