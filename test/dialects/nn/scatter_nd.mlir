// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @slices
func.func @slices() {
  %x0 = nn.constant dense<[[1.350000023841858, 1.0700000524520874], [-0.7400000095367432, 0.28999999165534973], [-0.8999999761581421, -0.1899999976158142]]> : tensor<3x2xf32>
  %x1 = nn.constant dense<[[2], [0]]> : tensor<2x1xi64>
  %x2 = nn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  // CHECK: nn.scatter_nd{{ }}
  %y0 = nn.scatter_nd %x0, %x1, %x2
    : (tensor<3x2xf32>, tensor<2x1xi64>, tensor<2x2xf32>) -> tensor<3x2xf32>
  check.expect_close %y0, dense<[[3.0, 4.0], [-0.7400000095367432, 0.28999999165534973], [1.0, 2.0]]> : tensor<3x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x2xf32>
  return
}

// CHECK-LABEL: func @multiply
func.func @multiply() {
  %x0 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x1 = nn.constant dense<[[1], [1]]> : tensor<2x1xi64>
  %x2 = nn.constant dense<[10.0, 20.0]> : tensor<2xf32>
  // CHECK: nn.scatter_nd{{ }}
  %y0 = nn.scatter_nd %x0, %x1, %x2 {reduction = "mul"}
    : (tensor<3xf32>, tensor<2x1xi64>, tensor<2xf32>) -> tensor<3xf32>
  check.expect_close %y0, dense<[1.0, 400.0, 3.0]> : tensor<3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3xf32>
  return
}

// CHECK-LABEL: func @outside_is_left_out
func.func @outside_is_left_out() {
  %x0 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x1 = nn.constant dense<[[3], [-1]]> : tensor<2x1xi64>
  %x2 = nn.constant dense<[10.0, 20.0]> : tensor<2xf32>
  // CHECK: nn.scatter_nd{{ }}
  %y0 = nn.scatter_nd %x0, %x1, %x2
    : (tensor<3xf32>, tensor<2x1xi64>, tensor<2xf32>) -> tensor<3xf32>
  check.expect_close %y0, dense<[1.0, 2.0, 20.0]> : tensor<3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3xf32>
  return
}
