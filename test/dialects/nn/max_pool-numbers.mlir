// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// RUN: tilewright-check --cpu=x86-64-v2 %s
// Expected numbers are onnxruntime's.

// CHECK-LABEL: func @indices
func.func @indices() {
  %x0 = nn.constant dense<[[[[-1.7, 1.1, -1.5, -1.5], [-1.5, -1.7, 1.6, -0.9], [-0.8, 1.3, 0.5, -1.3], [-0.3, 1.5, -0.5, 0.8], [-1.6, 0.9, 1.1, 1.3]], [[0.7, -0.5, -1.7, 0.1], [1.0, -1.2, -0.9, 0.1], [1.0, 1.6, -1.5, -1.3], [1.2, 0.6, 0.9, 2.0], [1.8, 1.4, 1.1, -0.4]]]]> : tensor<1x2x5x4xf32>
  // CHECK: nn.max_pool{{ }}
  %r0, %r1 = nn.max_pool %x0 {kernel_shape = array<i64: 3, 2>, strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 0, 1>} : (tensor<1x2x5x4xf32>) -> (tensor<1x2x2x4xf32>, tensor<1x2x2x4xi64>)
  check.expect_close %r0, dense<[[[[1.1, 1.6, 1.6, -0.9], [1.5, 1.6, 1.6, 0.8]], [[1.0, -0.5, 0.1, 0.1], [1.6, 1.6, 2.0, 2.0]]]]> : tensor<1x2x2x4xf32> : tensor<1x2x2x4xf32>
  check.expect_close %r1, dense<[[[[1, 6, 6, 7], [13, 6, 6, 15]], [[24, 21, 23, 23], [29, 29, 35, 35]]]]> : tensor<1x2x2x4xi64> : tensor<1x2x2x4xi64>
  return
}

// CHECK-LABEL: func @column_major
func.func @column_major() {
  %x0 = nn.constant dense<[[[[-1.7, 1.1, -1.5, -1.5], [-1.5, -1.7, 1.6, -0.9], [-0.8, 1.3, 0.5, -1.3], [-0.3, 1.5, -0.5, 0.8], [-1.6, 0.9, 1.1, 1.3]], [[0.7, -0.5, -1.7, 0.1], [1.0, -1.2, -0.9, 0.1], [1.0, 1.6, -1.5, -1.3], [1.2, 0.6, 0.9, 2.0], [1.8, 1.4, 1.1, -0.4]]]]> : tensor<1x2x5x4xf32>
  // CHECK: nn.max_pool{{ }}
  %r0, %r1 = nn.max_pool %x0 {kernel_shape = array<i64: 2, 2>, storage_order = 1 : i64, strides = array<i64: 2, 2>} : (tensor<1x2x5x4xf32>) -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xi64>)
  check.expect_close %r0, dense<[[[[1.1, 1.6], [1.5, 0.8]], [[1.0, 0.1], [1.6, 2.0]]]]> : tensor<1x2x2x2xf32> : tensor<1x2x2x2xf32>
  check.expect_close %r1, dense<[[[[5, 11], [8, 18]], [[21, 35], [27, 38]]]]> : tensor<1x2x2x2xi64> : tensor<1x2x2x2xi64>
  return
}

// CHECK-LABEL: func @ceil_dilated
func.func @ceil_dilated() {
  %x0 = nn.constant dense<[[[[-1.7, 1.1, -1.5, -1.5], [-1.5, -1.7, 1.6, -0.9], [-0.8, 1.3, 0.5, -1.3], [-0.3, 1.5, -0.5, 0.8], [-1.6, 0.9, 1.1, 1.3]], [[0.7, -0.5, -1.7, 0.1], [1.0, -1.2, -0.9, 0.1], [1.0, 1.6, -1.5, -1.3], [1.2, 0.6, 0.9, 2.0], [1.8, 1.4, 1.1, -0.4]]]]> : tensor<1x2x5x4xf32>
  // CHECK: nn.max_pool{{ }}
  %r0 = nn.max_pool %x0 {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 2, 1>, ceil_mode = 1 : i64} : (tensor<1x2x5x4xf32>) -> tensor<1x2x2x2xf32>
  check.expect_close %r0, dense<[[[[1.3, 0.5], [1.3, 1.3]], [[1.6, 0.1], [1.8, 1.1]]]]> : tensor<1x2x2x2xf32> : tensor<1x2x2x2xf32>
  return
}

// CHECK-LABEL: func @bytes
func.func @bytes() {
  %x0 = nn.constant dense<[[[[79, 163, 50, 47], [222, 193, 150, 193], [82, 183, 52, 113], [37, 96, 86, 107]]]]> : tensor<1x1x4x4xui8>
  // CHECK: nn.max_pool{{ }}
  %r0 = nn.max_pool %x0 {kernel_shape = array<i64: 3, 3>, auto_pad = "SAME_UPPER"} : (tensor<1x1x4x4xui8>) -> tensor<1x1x4x4xui8>
  check.expect_close %r0, dense<[[[[222, 222, 193, 193], [222, 222, 193, 193], [222, 222, 193, 193], [183, 183, 183, 113]]]]> : tensor<1x1x4x4xui8> : tensor<1x1x4x4xui8>
  return
}

// CHECK-LABEL: func @line
func.func @line() {
  %x0 = nn.constant dense<[[[-1.9, 1.4, 0.2, -0.4, 0.2, 0.9], [-0.5, 1.3, 1.7, -0.5, -1.4, 1.0]]]> : tensor<1x2x6xf32>
  // CHECK: nn.max_pool{{ }}
  %r0 = nn.max_pool %x0 {kernel_shape = array<i64: 3>, strides = array<i64: 2>} : (tensor<1x2x6xf32>) -> tensor<1x2x2xf32>
  check.expect_close %r0, dense<[[[1.4, 0.2], [1.7, 1.7]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// CHECK-LABEL: func @channels_last
func.func @channels_last() {
  %x0 = nn.constant dense<[[[[-1.7, 0.7], [1.1, -0.5], [-1.5, -1.7], [-1.5, 0.1]], [[-1.5, 1.0], [-1.7, -1.2], [1.6, -0.9], [-0.9, 0.1]], [[-0.8, 1.0], [1.3, 1.6], [0.5, -1.5], [-1.3, -1.3]], [[-0.3, 1.2], [1.5, 0.6], [-0.5, 0.9], [0.8, 2.0]], [[-1.6, 1.8], [0.9, 1.4], [1.1, 1.1], [1.3, -0.4]]]]> : tensor<1x5x4x2xf32>
  // CHECK: nn.max_pool{{ }}
  %r0 = nn.max_pool %x0 {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, channels_last} : (tensor<1x5x4x2xf32>) -> tensor<1x3x2x2xf32>
  check.expect_close %r0, dense<[[[[1.1, 1.0], [1.6, 0.1]], [[1.5, 1.6], [1.6, 2.0]], [[1.5, 1.8], [1.5, 2.0]]]]> : tensor<1x3x2x2xf32> : tensor<1x3x2x2xf32>
  return
}
