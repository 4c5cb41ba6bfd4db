// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: @plain
func.func @plain() {
  %a = nn.constant dense<[[0.25, -1.25, 1.0, 0.5, 1.75], [0.25, -1.5, 1.75, -1.25, -2.0], [1.25, -0.25, 0.5, -1.5, 1.0]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[-0.5, 2.0, 0.5, 1.75], [1.25, 1.5, -1.75, 1.25], [0.5, -0.5, -0.75, 0.5], [-1.25, -1.25, 1.5, 1.0], [0.5, 1.0, -0.75, 1.0]]> : tensor<5x4xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b : (tensor<3x5xf32>, tensor<5x4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[-0.9375, -0.75, 1.0, 1.625], [-0.5625, -3.0625, 1.0625, -3.8125], [1.6875, 4.75, -2.3125, 1.625]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @bias
func.func @bias() {
  %a = nn.constant dense<[[-1.25, -0.25, -1.5, -0.5, -0.75], [-0.25, 0.0, -2.0, -0.75, 1.5], [-0.25, 0.25, -1.75, -0.5, 2.0]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[0.25, -2.0, 1.0, 1.25], [-0.5, -2.0, 1.5, -1.0], [1.75, -0.5, -0.5, 1.25], [-1.5, -2.0, 1.0, 1.75], [2.0, -1.5, -1.5, -0.75]]> : tensor<5x4xf32>
  %c = nn.constant dense<[1.0, 1.75, 1.5, -0.5]> : tensor<4xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c : (tensor<3x5xf32>, tensor<5x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[-2.5625, 7.625, 1.25, -4.0], [1.5625, 2.5, -0.75, -5.75], [2.5, 0.625, -1.0, -5.625]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @bias_column
func.func @bias_column() {
  %a = nn.constant dense<[[1.75, -1.0, -1.5, -0.25, -1.75], [0.75, 2.0, -1.75, -1.75, -1.25], [-1.25, 0.25, 0.25, 2.0, -0.25]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[1.75, 1.0, 1.5, -1.25], [-0.25, 1.75, 1.0, -1.25], [1.5, 1.25, -1.5, -1.75], [-1.0, 0.0, -1.5, -2.0], [-1.75, -0.75, -0.5, -0.75]]> : tensor<5x4xf32>
  %c = nn.constant dense<[[-0.25], [1.0], [-1.0]]> : tensor<3x1xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c : (tensor<3x5xf32>, tensor<5x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[4.125, -0.8125, 4.875, 3.25], [3.125, 4.0, 10.0, 5.0625], [-4.4375, -1.3125, -5.875, -4.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @bias_row
func.func @bias_row() {
  %a = nn.constant dense<[[-0.25, 1.0, -2.0, 1.75, 2.0], [-1.0, 1.75, -1.0, 1.75, 0.75], [-1.0, -1.75, -0.5, 1.0, -1.25]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[0.0, -1.5, -0.25, -2.0], [2.0, 0.0, 1.5, -1.5], [-1.5, -1.5, 0.25, 1.5], [0.5, 0.0, 2.0, -1.25], [-1.5, 0.75, 1.5, -1.0]]> : tensor<5x4xf32>
  %c = nn.constant dense<[[-1.0, 0.0, 1.25, -1.0]]> : tensor<1x4xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c : (tensor<3x5xf32>, tensor<5x4xf32>, tensor<1x4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.875, 4.875, 8.8125, -9.1875], [3.75, 3.5625, 8.5, -6.0625], [-1.375, 1.3125, -1.125, 2.875]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @bias_scalar
func.func @bias_scalar() {
  %a = nn.constant dense<[[1.5, 0.0, 0.75, 0.5, 0.0], [0.25, 2.0, -0.5, 2.0, 1.25], [-1.25, 1.5, -0.5, -1.25, -1.0]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[-1.5, -0.75, -1.75, 0.25], [2.0, 2.0, 2.0, -1.0], [-1.25, 0.75, 2.0, 1.5], [-1.25, 1.0, 0.0, -0.25], [0.0, 0.25, 1.75, 1.25]]> : tensor<5x4xf32>
  %c = nn.constant dense<-2.0> : tensor<f32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c : (tensor<3x5xf32>, tensor<5x4xf32>, tensor<f32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[-5.8125, -2.0625, -3.125, -0.625], [-0.25, 3.75, 2.75, -3.625], [5.0625, 0.0625, 0.4375, -5.5]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @bias_one
func.func @bias_one() {
  %a = nn.constant dense<[[1.0, -0.75, -0.75, 0.5, 2.0], [-1.75, 0.0, -1.0, 1.75, -0.25], [1.5, 1.5, -1.75, 1.0, 1.25]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[1.5, 2.0, 1.0, 1.5], [1.0, -0.75, 1.5, 0.75], [0.75, 2.0, 1.0, -0.75], [-0.75, -0.75, -1.5, -1.75], [1.0, 1.25, -1.5, -0.5]]> : tensor<5x4xf32>
  %c = nn.constant dense<[1.75]> : tensor<1xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c : (tensor<3x5xf32>, tensor<5x4xf32>, tensor<1xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[3.5625, 4.9375, -2.875, 1.375], [-3.1875, -5.375, -3.25, -3.0625], [4.6875, 0.9375, 0.375, 4.0625]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @full
func.func @full() {
  %a = nn.constant dense<[[1.5, 0.5, 2.0, -0.75, 1.5], [1.75, 0.5, -1.5, -1.0, 0.0], [-1.0, -1.75, -1.5, 2.0, -0.5]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[0.25, -0.25, 1.25, -1.75], [-1.0, 0.25, 1.25, -0.25], [0.75, 1.25, 0.5, 1.25], [2.0, -1.25, -0.25, -1.25], [-0.25, -2.0, 0.75, -1.0]]> : tensor<5x4xf32>
  %c = nn.constant dense<[[1.5, 1.0, -0.75, -0.25], [0.75, -0.25, -1.25, -2.0], [0.25, 0.25, 1.25, -1.5]]> : tensor<3x4xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c {alpha = 0.5 : f32, beta = 2.0 : f32} : (tensor<3x5xf32>, tensor<5x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[2.75, 2.09375, 0.90625, -0.90625], [-0.09375, -0.96875, -1.34375, -5.90625], [2.75, -1.28125, -0.03125, -3.84375]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @trans_a
func.func @trans_a() {
  %a = nn.constant dense<[[-1.75, 1.0, 1.0], [1.25, -2.0, 0.75], [2.0, 1.0, -0.25], [0.0, -0.5, -2.0], [1.0, 0.25, 0.0]]> : tensor<5x3xf32>
  %b = nn.constant dense<[[1.75, 1.0, 2.0, -1.75], [2.0, 0.25, -0.5, 0.25], [-2.0, 1.75, 0.5, -2.0], [1.75, -0.25, -1.5, 0.5], [-1.75, 0.25, 1.0, -1.75]]> : tensor<5x4xf32>
  %c = nn.constant dense<[1.25, 0.5, -0.75, -1.25]> : tensor<4xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c {transA = 1 : i64} : (tensor<5x3xf32>, tensor<5x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[-5.0625, 2.8125, -2.875, -3.625], [-4.3125, 2.9375, 3.75, -6.1875], [1.5, 1.75, 3.75, -3.3125]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @trans_b
func.func @trans_b() {
  %a = nn.constant dense<[[-2.0, -1.25, -1.0, 1.5, 0.0], [-1.25, 1.0, -0.25, 1.5, 1.0], [1.75, 1.0, -1.75, 0.25, -0.25]]> : tensor<3x5xf32>
  %b = nn.constant dense<[[1.25, -1.5, -0.25, 1.5, 0.5], [-2.0, 1.25, -0.5, 0.75, 0.75], [0.5, -0.25, -0.5, -1.75, 0.25], [-1.0, -0.5, -1.5, 1.0, 1.75]]> : tensor<4x5xf32>
  %c = nn.constant dense<[-0.5, -0.25, -0.25, -1.75]> : tensor<4xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c {transB = 1 : i64} : (tensor<3x5xf32>, tensor<4x5xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.375, 3.8125, -3.0625, 3.875], [-0.75, 5.5, -3.375, 2.625], [0.875, -1.625, 0.75, -1.5625]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: @trans_both
func.func @trans_both() {
  %a = nn.constant dense<[[1.0, 1.5, 0.0], [-1.75, -0.75, -1.5], [1.5, 1.25, -0.5], [-0.5, 1.5, -1.75], [1.25, 2.0, -0.25]]> : tensor<5x3xf32>
  %b = nn.constant dense<[[1.0, 1.0, 1.75, -2.0, 0.75], [-0.5, 1.5, 1.5, -1.0, 0.25], [0.0, 0.25, 1.5, 0.75, 1.0], [0.75, -1.0, 0.25, -0.5, -0.25], [-1.75, -1.25, -0.75, -1.0, 0.5], [-1.0, -1.0, -0.25, 0.25, 2.0], [0.0, -0.75, -0.75, -0.25, 1.75], [-0.5, -1.0, 0.25, 1.25, 2.0], [-1.0, 1.75, 1.5, -0.5, -0.75], [-1.0, -0.75, 1.75, -0.75, 0.0], [1.75, 0.75, -1.5, -1.75, -1.25], [1.5, -1.25, -0.75, 0.25, 0.0], [-1.75, -1.25, 2.0, -0.25, -1.0], [1.5, -0.25, 1.5, -1.5, 0.0], [1.25, 1.25, 0.75, -0.25, 1.5], [-0.5, 0.75, 0.25, -0.75, -1.25], [0.25, -0.75, 0.0, 1.0, 1.25], [1.25, 0.0, -2.0, -1.25, 1.0]]> : tensor<18x5xf32>
  %c = nn.constant dense<[0.5, 1.25, 0.0, -0.25, -1.0, -1.75, -1.5, 0.75, 0.25, -1.0, -0.5, 0.5, -0.5, -0.5, -1.0, 0.5, 1.75, -1.0]> : tensor<18xf32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c {transA = 1 : i64, transB = 1 : i64, alpha = 2.0 : f32} : (tensor<5x3xf32>, tensor<18x5xf32>, tensor<18xf32>) -> tensor<3x18xf32>
  check.expect_close %r, dense<[[8.125, 1.125, 5.375, 5.375, -0.125, 3.75, 3.5, 7.75, -4.75, 5.625, -5.5, 5.375, 4.125, 9.375, 3.375, -4.75, 7.0, -0.75], [3.375, -0.75, 9.625, 1.625, -7.25, 4.875, 4.0, 13.125, -6.125, -0.75, -10.375, 5.75, -3.625, 3.625, 8.0, -8.75, 11.625, -2.0], [2.375, -1.375, -5.375, 4.375, 6.75, -0.375, 1.5, -1.875, -4.375, 2.125, 5.5, 4.125, 2.625, 4.0, -5.375, 1.25, -0.125, 4.875]]> : tensor<3x18xf32> : tensor<3x18xf32>
  return
}

// CHECK-LABEL: @halves
func.func @halves() {
  %a = nn.constant dense<[[-1.0, 0.0, -1.25, 0.0, 1.75], [0.5, -1.5, -1.25, -1.75, 2.0], [-0.75, -1.0, 1.5, -0.75, -1.25]]> : tensor<3x5xf16>
  %b = nn.constant dense<[[-1.0, -0.5, -1.75, 0.5], [-0.25, 2.0, 1.25, -0.5], [1.0, 1.25, -1.25, -1.5], [-1.5, -2.0, -0.75, 1.25], [1.25, -0.5, 0.0, 1.25]]> : tensor<5x4xf16>
  %c = nn.constant dense<[1.75, -1.0, 0.75, 0.5]> : tensor<4xf16>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c : (tensor<3x5xf16>, tensor<5x4xf16>, tensor<4xf16>) -> tensor<3x4xf16>
  check.expect_close %r, dense<[[3.6875, -2.9375, 4.0625, 4.0625], [5.5, -3.3125, 0.875, 3.6875], [3.8125, 1.375, -0.5, -4.125]]> : tensor<3x4xf16> : tensor<3x4xf16>
  return
}

// CHECK-LABEL: @integers
func.func @integers() {
  %a = nn.constant dense<[[2, 5, 4, -2, 4], [-9, -3, -6, -5, 7], [-2, -8, -1, -8, -7]]> : tensor<3x5xi32>
  %b = nn.constant dense<[[-3, -2, -5, 2], [-1, -7, 5, -7], [-3, -6, 7, -4], [6, 8, -6, -9], [-9, -6, -2, -7]]> : tensor<5x4xi32>
  %c = nn.constant dense<[8, -1, 6, -9]> : tensor<4xi32>
  // CHECK: nn.gemm
  %r = nn.gemm %a, %b, %c : (tensor<3x5xi32>, tensor<5x4xi32>, tensor<4xi32>) -> tensor<3x4xi32>
  check.expect_close %r, dense<[[-63, -104, 53, -66], [-37, -8, 10, 14], [40, 43, 31, 168]]> : tensor<3x4xi32> : tensor<3x4xi32>
  return
}
