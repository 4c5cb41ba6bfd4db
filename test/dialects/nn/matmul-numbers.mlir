// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: @matrices
func.func @matrices() {
  %a = nn.constant dense<[[2.0, 0.5, 0.75, 1.75, 0.25], [1.25, 1.5, -1.25, -2.0, -0.75], [-1.0, 1.5, 1.75, -2.0, 0.0]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[1.25, -1.5, 1.25, -1.5], [-0.25, 1.25, -0.75, -0.75], [-1.0, 1.0, -1.0, 2.0], [-0.25, 0.0, 0.0, 0.25], [0.25, 0.0, 2.0, 1.25]]> : tensor<5x4xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x5xf32>, tensor<5x4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.25, -1.625, 1.875, -1.125], [2.75, -1.25, 0.1875, -6.9375], [-2.875, 5.125, -4.125, 3.375]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @wide_tail
func.func @wide_tail() {
  %a = nn.constant dense<[[1.25, 0.75, 0.5], [-0.75, 2.0, -0.25]]> : tensor<2x3xf32>
  %b = nn.constant dense<[[-1.25, 1.5, -1.5, 1.5, 0.5, -1.75, -2.0, -0.25, -2.0, -1.5, 0.0, 2.0, -0.25, 1.25, 1.75, 1.25, 0.5, -0.25, 0.0], [-1.0, 0.0, -0.5, -1.0, 2.0, -2.0, -1.75, -1.25, 2.0, 0.75, 1.5, -1.25, 1.0, -0.5, 0.0, -2.0, 0.5, 1.5, 0.75], [-1.5, 0.25, -1.0, 2.0, 1.5, -1.25, 0.0, 1.75, 1.5, 1.0, 0.5, -2.0, 1.0, 0.0, -1.75, -1.0, 0.25, 1.0, 0.0]]> : tensor<3x19xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<2x3xf32>, tensor<3x19xf32>) -> tensor<2x19xf32>
  check.expect_close %r, dense<[[-3.0625, 2.0, -2.75, 2.125, 2.875, -4.3125, -3.8125, -0.375, -0.25, -0.8125, 1.375, 0.5625, 0.9375, 1.1875, 1.3125, -0.4375, 1.125, 1.3125, 0.5625], [-0.6875, -1.1875, 0.375, -3.625, 3.25, -2.375, -2.0, -2.75, 5.125, 2.375, 2.875, -3.5, 1.9375, -1.9375, -0.875, -4.6875, 0.5625, 2.9375, 1.5]]> : tensor<2x19xf32> : tensor<2x19xf32>
  return
}

// CHECK-LABEL: @many_rows
func.func @many_rows() {
  %a = nn.constant dense<[[0.5, 1.5, 0.75], [-0.5, 0.5, 0.5], [-1.75, -1.75, 0.75], [-0.5, 0.5, -0.75], [-1.25, -1.5, -0.5], [1.25, -0.5, -0.5], [0.25, 2.0, -0.5], [0.5, -0.25, 0.5], [-0.25, 0.5, 0.25], [0.75, 2.0, -1.5], [0.25, -0.25, -0.5], [-1.0, -2.0, -0.5], [1.5, -1.75, -0.5], [2.0, 2.0, -1.25], [-2.0, 0.75, -2.0], [-0.75, 0.0, 1.5], [-1.75, 0.75, 0.25]]> : tensor<17x3xf32>
  %b = nn.constant dense<[[-1.5, 1.5], [1.5, 0.0], [2.0, 0.5]]> : tensor<3x2xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<17x3xf32>, tensor<3x2xf32>) -> tensor<17x2xf32>
  check.expect_close %r, dense<[[3.0, 1.125], [2.5, -0.5], [1.5, -2.25], [0.0, -1.125], [-1.375, -2.125], [-3.625, 1.625], [1.625, 0.125], [-0.125, 1.0], [1.625, -0.25], [-1.125, 0.375], [-1.75, 0.125], [-2.5, -1.75], [-5.875, 2.0], [-2.5, 2.375], [0.125, -4.0], [4.125, -0.375], [4.25, -2.5]]> : tensor<17x2xf32> : tensor<17x2xf32>
  return
}

// CHECK-LABEL: @batch
func.func @batch() {
  %a = nn.constant dense<[[[1.75, 2.0, 0.25, -1.0], [-1.5, 0.25, -1.25, 1.0], [1.75, -1.0, 0.25, -2.0]], [[-1.25, -0.5, 1.75, 2.0], [0.5, 0.25, 0.25, -1.75], [-0.5, 2.0, -0.5, -1.25]]]> : tensor<2x3x4xf32>
  %b = nn.constant dense<[[[-1.0, 1.0, -2.0], [2.0, 1.5, 0.25], [-0.25, 1.0, 0.25], [0.0, -0.75, -0.25]], [[1.0, -2.0, -2.0], [1.0, -0.5, 1.25], [-2.0, 1.75, -1.5], [-0.25, 2.0, -1.75]]]> : tensor<2x4x3xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<2x3x4xf32>, tensor<2x4x3xf32>) -> tensor<2x3x3xf32>
  check.expect_close %r, dense<[[[2.1875, 5.75, -2.6875], [2.3125, -3.125, 2.5], [-3.8125, 2.0, -3.1875]], [[-5.75, 9.8125, -4.25], [0.6875, -4.1875, 2.0], [2.8125, -3.375, 6.4375]]]> : tensor<2x3x3xf32> : tensor<2x3x3xf32>
  return
}

// CHECK-LABEL: @broadcast
func.func @broadcast() {
  %a = nn.constant dense<[[[[0.75, 1.0, -0.25], [-1.75, 0.0, -0.25]]], [[[1.5, 0.75, -0.75], [-2.0, 0.5, -1.0]]]]> : tensor<2x1x2x3xf32>
  %b = nn.constant dense<[[[0.75, 1.5], [-0.5, 1.75], [0.0, 0.25]], [[1.25, 1.25], [1.75, 2.0], [-1.5, -0.25]], [[1.75, -0.75], [-2.0, 0.25], [1.0, 1.0]]]> : tensor<3x3x2xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<2x1x2x3xf32>, tensor<3x3x2xf32>) -> tensor<2x3x2x2xf32>
  check.expect_close %r, dense<[[[[0.0625, 2.8125], [-1.3125, -2.6875]], [[3.0625, 3.0], [-1.8125, -2.125]], [[-0.9375, -0.5625], [-3.3125, 1.0625]]], [[[0.75, 3.375], [-1.75, -2.375]], [[4.3125, 3.5625], [-0.125, -1.25]], [[0.375, -1.6875], [-5.5, 0.625]]]]> : tensor<2x3x2x2xf32> : tensor<2x3x2x2xf32>
  return
}

// CHECK-LABEL: @one_right_side
func.func @one_right_side() {
  %a = nn.constant dense<[[[1.25, 0.5, -1.5, 1.5], [-0.25, 1.5, 1.25, 2.0], [-2.0, 1.5, 0.5, 0.0]], [[1.25, 2.0, 0.0, -1.75], [1.0, -1.25, -1.25, -1.25], [-1.25, 1.75, -0.5, -1.75]]]> : tensor<2x3x4xf32>
  %b = nn.constant dense<[[-1.25, -0.5, -0.75], [-0.75, 2.0, 1.5], [0.25, 2.0, -0.75], [-1.5, -1.0, -1.75]]> : tensor<4x3xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<2x3x4xf32>, tensor<4x3xf32>) -> tensor<2x3x3xf32>
  check.expect_close %r, dense<[[[-4.5625, -4.125, -1.6875], [-3.5, 3.625, -2.0], [1.5, 5.0, 3.375]], [[-0.4375, 5.125, 5.125], [1.25, -4.25, 0.5], [2.75, 4.875, 7.0]]]> : tensor<2x3x3xf32> : tensor<2x3x3xf32>
  return
}

// CHECK-LABEL: @row
func.func @row() {
  %a = nn.constant dense<[2.0, -1.25, -0.25, -1.25]> : tensor<4xf32>
  %b = nn.constant dense<[[2.0, -1.5, 0.0], [2.0, 0.0, 1.75], [1.75, 1.25, 1.0], [0.25, 0.25, 1.5]]> : tensor<4x3xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.75, -3.625, -4.3125]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: @column
func.func @column() {
  %a = nn.constant dense<[[-0.25, 2.0, 1.5, -0.5], [-0.5, 1.0, 1.75, -1.75], [-1.75, -1.0, -0.25, -1.5]]> : tensor<3x4xf32>
  %b = nn.constant dense<[0.0, 0.25, 2.0, 1.0]> : tensor<4xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[3.0, 2.0, -2.25]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: @dot
func.func @dot() {
  %a = nn.constant dense<[-1.0, 1.25, 1.25, 0.75]> : tensor<4xf32>
  %b = nn.constant dense<[0.75, -0.75, 1.0, -1.5]> : tensor<4xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  check.expect_close %r, dense<-1.5625> : tensor<f32> : tensor<f32>
  return
}

// CHECK-LABEL: @row_batch
func.func @row_batch() {
  %a = nn.constant dense<[0.5, 1.75, 2.0, -0.75]> : tensor<4xf32>
  %b = nn.constant dense<[[[-0.75, 0.5, -0.5], [1.0, -1.25, -1.5], [-2.0, -0.25, -1.25], [-0.75, 1.75, 1.25]], [[1.5, 0.5, -1.75], [1.0, 0.5, 1.75], [0.0, -1.5, 0.5], [-0.25, 0.75, -0.5]]]> : tensor<2x4x3xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<4xf32>, tensor<2x4x3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[-2.0625, -3.75, -6.3125], [2.6875, -2.4375, 3.5625]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: @batch_column
func.func @batch_column() {
  %a = nn.constant dense<[[[-0.75, -1.5, 2.0, 1.0], [-0.25, -1.25, 0.5, -0.25], [0.5, -1.75, -1.25, 1.0]], [[-1.75, 0.75, -0.5, -2.0], [1.0, 0.75, 1.25, 1.75], [1.0, 1.5, -1.75, 1.75]]]> : tensor<2x3x4xf32>
  %b = nn.constant dense<[1.75, 0.75, 1.25, 1.0]> : tensor<4xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[1.0625, -1.0, -1.0], [-5.125, 5.625, 2.4375]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: @doubles
func.func @doubles() {
  %a = nn.constant dense<[[1.5, 1.75, 0.0, 1.25, 1.75], [-0.75, -2.0, -1.5, -2.0, -0.25], [-2.0, -1.0, -1.0, 1.0, -1.0]]> : tensor<3x5xf64>
  %b = nn.constant dense<[[2.0, -1.25, 2.0, 0.25], [-1.0, -2.0, -0.75, 0.5], [-1.75, -1.5, -1.75, 0.75], [-1.75, -2.0, -0.25, -0.75], [0.25, 1.75, 1.5, 0.25]]> : tensor<5x4xf64>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x5xf64>, tensor<5x4xf64>) -> tensor<3x4xf64>
  check.expect_close %r, dense<[[-0.5, -4.8125, 4.0, 0.75], [6.5625, 10.75, 2.75, -0.875], [-3.25, 2.25, -3.25, -2.75]]> : tensor<3x4xf64> : tensor<3x4xf64>
  return
}

// CHECK-LABEL: @halves
func.func @halves() {
  %a = nn.constant dense<[[0.5, 1.25, -0.25, 0.75, -1.25], [0.5, -1.0, -1.25, 1.0, 0.25], [-0.5, -2.0, -1.0, 1.25, -0.25]]> : tensor<3x5xf16>
  %b = nn.constant dense<[[2.0, 1.75, 1.5, -2.0], [-2.0, 0.25, -0.75, 1.5], [-0.75, -1.5, -1.75, -0.75], [0.5, -1.5, 1.25, -0.75], [-0.75, 0.75, 1.5, -0.25]]> : tensor<5x4xf16>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x5xf16>, tensor<5x4xf16>) -> tensor<3x4xf16>
  check.expect_close %r, dense<[[0.0, -0.5, -0.6875, 0.8125], [4.25, 1.1875, 5.3125, -2.375], [4.5625, -1.9375, 3.6875, -2.125]]> : tensor<3x4xf16> : tensor<3x4xf16>
  return
}

// CHECK-LABEL: @bfloats
func.func @bfloats() {
  %a = nn.constant dense<[[1.25, -0.75, -1.5, 1.5, 1.25], [1.0, 1.75, 0.0, -1.25, 0.25], [0.25, -0.5, 0.5, -1.0, 0.5]]> : tensor<3x5xbf16>
  %b = nn.constant dense<[[1.25, -1.75, -0.25, 0.75], [-2.0, 0.5, 1.75, 1.5], [0.75, 1.25, -0.5, -0.75], [-1.75, 1.0, -0.75, 1.5], [-0.25, 1.75, -1.5, -1.5]]> : tensor<5x4xbf16>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x5xbf16>, tensor<5x4xbf16>) -> tensor<3x4xbf16>
  check.expect_close %r, dense<[[-1.0, -0.75, -3.875, 1.3125], [-0.125, -1.6875, 3.375, 1.125], [3.3125, -0.1875, -1.1875, -3.1875]]> : tensor<3x4xbf16> : tensor<3x4xbf16>
  return
}

// CHECK-LABEL: @integers
func.func @integers() {
  %a = nn.constant dense<[[-3, -9, -1, 2, 2], [-6, -7, 1, 2, 8], [7, -3, -7, -5, 6]]> : tensor<3x5xi32>
  %b = nn.constant dense<[[-1, 8, 2, 1], [-8, 1, -3, 6], [-7, -6, 2, 3], [5, 0, -3, -4], [-3, 2, 0, -4]]> : tensor<5x4xi32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x5xi32>, tensor<5x4xi32>) -> tensor<3x4xi32>
  check.expect_close %r, dense<[[86, -23, 13, -76], [41, -45, 5, -85], [23, 107, 24, -36]]> : tensor<3x4xi32> : tensor<3x4xi32>
  return
}

// CHECK-LABEL: @long_integers
func.func @long_integers() {
  %a = nn.constant dense<[[-6, 3, -5, -6, -4], [6, -1, 1, -8, -3], [4, 4, 1, 6, -4]]> : tensor<3x5xi64>
  %b = nn.constant dense<[[-7, -8, -6, 4], [7, -7, 0, -7], [6, -7, 2, -8], [4, 7, 4, -5], [6, -4, 4, 5]]> : tensor<5x4xi64>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x5xi64>, tensor<5x4xi64>) -> tensor<3x4xi64>
  check.expect_close %r, dense<[[-15, 36, -14, 5], [-93, -92, -78, 48], [6, -9, -14, -70]]> : tensor<3x4xi64> : tensor<3x4xi64>
  return
}

// CHECK-LABEL: @unsigned_integers
func.func @unsigned_integers() {
  %a = nn.constant dense<[[4, 5, 7, 1, 0], [3, 1, 7, 7, 3], [2, 6, 4, 0, 5]]> : tensor<3x5xui32>
  %b = nn.constant dense<[[6, 0, 6, 4], [7, 7, 6, 3], [3, 6, 0, 2], [4, 8, 6, 7], [1, 2, 2, 6]]> : tensor<5x4xui32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<3x5xui32>, tensor<5x4xui32>) -> tensor<3x4xui32>
  check.expect_close %r, dense<[[84, 85, 60, 52], [77, 111, 72, 96], [71, 76, 58, 64]]> : tensor<3x4xui32> : tensor<3x4xui32>
  return
}

// No terms: all sums are 0.
// CHECK-LABEL: @empty_sum
func.func @empty_sum() {
  %a = nn.constant dense<> : tensor<2x0xf32>
  %b = nn.constant dense<> : tensor<0x3xf32>
  // CHECK: nn.matmul
  %r = nn.matmul %a, %b : (tensor<2x0xf32>, tensor<0x3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<0.0> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}
