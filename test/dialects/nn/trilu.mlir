// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @trilu
func.func @trilu() {
  %x0 = nn.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  // CHECK: nn.trilu{{ }}
  %r = nn.trilu %x0 : (tensor<3x4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.0, 2.0, 3.0, 4.0], [0.0, 6.0, 7.0, 8.0], [0.0, 0.0, 11.0, 12.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @lower
func.func @lower() {
  %x0 = nn.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  // CHECK: nn.trilu{{ }}
  %r = nn.trilu %x0 {upper = 0 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[1.0, 0.0, 0.0, 0.0], [5.0, 6.0, 0.0, 0.0], [9.0, 10.0, 11.0, 0.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @upper_diagonal
func.func @upper_diagonal() {
  %x0 = nn.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  %x1 = nn.constant dense<1> : tensor<i64>
  // CHECK: nn.trilu{{ }}
  %r = nn.trilu %x0, %x1 : (tensor<3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  check.expect_close %r, dense<[[0.0, 2.0, 3.0, 4.0], [0.0, 0.0, 7.0, 8.0], [0.0, 0.0, 0.0, 12.0]]> : tensor<3x4xf32> : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @lower_diagonal
func.func @lower_diagonal() {
  %x0 = nn.constant dense<[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]> : tensor<3x4xi64>
  %x1 = nn.constant dense<-1> : tensor<i64>
  // CHECK: nn.trilu{{ }}
  %r = nn.trilu %x0, %x1 {upper = 0 : i64} : (tensor<3x4xi64>, tensor<i64>) -> tensor<3x4xi64>
  check.expect_close %r, dense<[[0, 0, 0, 0], [5, 0, 0, 0], [9, 10, 0, 0]]> : tensor<3x4xi64> : tensor<3x4xi64>
  return
}
