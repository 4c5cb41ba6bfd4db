// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @cum_sum
func.func @cum_sum() {
  %x0 = nn.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  %x1 = nn.constant dense<1> : tensor<i64>
  // CHECK: nn.cum_sum{{ }}
  %r = nn.cum_sum %x0, %x1 : (tensor<3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.0, 3.0, 6.0, 10.0], [5.0, 11.0, 18.0, 26.0], [9.0, 19.0, 30.0, 42.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @cum_sum_negative_axis
func.func @cum_sum_negative_axis() {
  %x0 = nn.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  %x1 = nn.constant dense<-2> : tensor<i64>
  // CHECK: nn.cum_sum{{ }}
  %r = nn.cum_sum %x0, %x1 : (tensor<3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.0, 2.0, 3.0, 4.0], [6.0, 8.0, 10.0, 12.0], [15.0, 18.0, 21.0, 24.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @cum_sum_exclusive
func.func @cum_sum_exclusive() {
  %x0 = nn.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  %x1 = nn.constant dense<1> : tensor<i64>
  // CHECK: nn.cum_sum{{ }}
  %r = nn.cum_sum %x0, %x1 {exclusive = 1 : i64} : (tensor<3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[0.0, 1.0, 3.0, 6.0], [0.0, 5.0, 11.0, 18.0], [0.0, 9.0, 19.0, 30.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @cum_sum_reverse
func.func @cum_sum_reverse() {
  %x0 = nn.constant dense<[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]> : tensor<3x4xi32>
  %x1 = nn.constant dense<1> : tensor<i64>
  // CHECK: nn.cum_sum{{ }}
  %r = nn.cum_sum %x0, %x1 {reverse = 1 : i64} : (tensor<3x4xi32>, tensor<i64>) -> tensor<3x4xi32>
  check.expect_close %r, dense<[[10, 9, 7, 4], [26, 21, 15, 8], [42, 33, 23, 12]]> : tensor<3x4xi32> : tensor<3x4xi32>
  return
}

// CHECK-LABEL: func @cum_prod
func.func @cum_prod() {
  %x0 = nn.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  %x1 = nn.constant dense<0> : tensor<i64>
  // CHECK: nn.cum_prod{{ }}
  %r = nn.cum_prod %x0, %x1 : (tensor<3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 12.0, 21.0, 32.0], [45.0, 120.0, 231.0, 384.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}
