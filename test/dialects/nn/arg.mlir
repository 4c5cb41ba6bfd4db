// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @arg_max
func.func @arg_max() {
  %x0 = nn.constant dense<[[[-0.95, -0.81, 1.26, -1.63], [0.4, 0.91, -1.25, -1.78], [-0.9, 0.63, 0.25, -1.4]], [[-0.27, 0.68, -0.31, 0.53], [1.87, 0.73, -0.43, -1.25], [-0.62, 0.04, 1.56, 1.1]]]> : tensor<2x3x4xf32>
  // CHECK: nn.arg_max{{ }}
  %r = nn.arg_max %x0 {axis = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x1x4xi64>
  check.expect_close %r, dense<[[[1, 1, 0, 2]], [[1, 1, 2, 2]]]> : tensor<2x1x4xi64> : tensor<2x1x4xi64>
  return
}

// CHECK-LABEL: func @arg_max_no_dims
func.func @arg_max_no_dims() {
  %x0 = nn.constant dense<[[[-0.95, -0.81, 1.26, -1.63], [0.4, 0.91, -1.25, -1.78], [-0.9, 0.63, 0.25, -1.4]], [[-0.27, 0.68, -0.31, 0.53], [1.87, 0.73, -0.43, -1.25], [-0.62, 0.04, 1.56, 1.1]]]> : tensor<2x3x4xf32>
  // CHECK: nn.arg_max{{ }}
  %r = nn.arg_max %x0 {keepdims = 0 : i64} : (tensor<2x3x4xf32>) -> tensor<3x4xi64>
  check.expect_close %r, dense<[[1, 1, 0, 1], [1, 0, 1, 1], [1, 0, 1, 1]]> : tensor<3x4xi64> : tensor<3x4xi64>
  return
}

// CHECK-LABEL: func @arg_max_ties_and_nan
func.func @arg_max_ties_and_nan() {
  %x0 = nn.constant dense<[[1.0, 5.0, 5.0], [7.0, 0x7FC00000, 9.0]]> : tensor<2x3xf32>
  // CHECK: nn.arg_max{{ }}
  %r = nn.arg_max %x0 {axis = 1 : i64, keepdims = 0 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  check.expect_close %r, dense<[1, 1]> : tensor<2xi64> : tensor<2xi64>
  return
}

// CHECK-LABEL: func @arg_max_last
func.func @arg_max_last() {
  %x0 = nn.constant dense<[[1.0, 5.0, 5.0]]> : tensor<1x3xf32>
  // CHECK: nn.arg_max{{ }}
  %r = nn.arg_max %x0 {axis = 1 : i64, keepdims = 0 : i64, select_last_index = 1 : i64} : (tensor<1x3xf32>) -> tensor<1xi64>
  check.expect_close %r, dense<[2]> : tensor<1xi64> : tensor<1xi64>
  return
}

// CHECK-LABEL: func @arg_min
func.func @arg_min() {
  %x0 = nn.constant dense<[[[-0.95, -0.81, 1.26, -1.63], [0.4, 0.91, -1.25, -1.78], [-0.9, 0.63, 0.25, -1.4]], [[-0.27, 0.68, -0.31, 0.53], [1.87, 0.73, -0.43, -1.25], [-0.62, 0.04, 1.56, 1.1]]]> : tensor<2x3x4xf32>
  // CHECK: nn.arg_min{{ }}
  %r = nn.arg_min %x0 {axis = -1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x1xi64>
  check.expect_close %r, dense<[[[3], [3], [3]], [[2], [3], [0]]]> : tensor<2x3x1xi64> : tensor<2x3x1xi64>
  return
}

// CHECK-LABEL: func @arg_min_unsigned
func.func @arg_min_unsigned() {
  %x0 = nn.constant dense<[3, 200, 3]> : tensor<3xui8>
  // CHECK: nn.arg_min{{ }}
  %r = nn.arg_min %x0 : (tensor<3xui8>) -> tensor<1xi64>
  check.expect_close %r, dense<[0]> : tensor<1xi64> : tensor<1xi64>
  return
}
