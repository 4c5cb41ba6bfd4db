// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @top_k
func.func @top_k() {
  %x0 = nn.constant dense<[[3.0, 1.0, 3.0, 2.0], [0.0, 5.0, -1.0, 4.0]]> : tensor<2x4xf32>
  %x1 = nn.constant dense<[3]> : tensor<1xi64>
  // CHECK: nn.top_k{{ }}
  %r:2 = nn.top_k %x0, %x1 : (tensor<2x4xf32>, tensor<1xi64>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  check.expect_close %r#0, dense<[[3.0, 3.0, 2.0], [5.0, 4.0, 0.0]]> : tensor<2x3xf32> : tensor<2x3xf32>
  check.expect_close %r#1, dense<[[0, 2, 3], [1, 3, 0]]> : tensor<2x3xi64> : tensor<2x3xi64>
  return
}

// CHECK-LABEL: func @smallest
func.func @smallest() {
  %x0 = nn.constant dense<[[3, 1, 3, 2], [0, 5, -1, 4]]> : tensor<2x4xi64>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.top_k{{ }}
  %r:2 = nn.top_k %x0, %x1 {axis = 0 : i64, largest = 0 : i64} : (tensor<2x4xi64>, tensor<1xi64>) -> (tensor<1x4xi64>, tensor<1x4xi64>)
  check.expect_close %r#0, dense<[[0, 1, -1, 2]]> : tensor<1x4xi64> : tensor<1x4xi64>
  check.expect_close %r#1, dense<[[1, 0, 1, 0]]> : tensor<1x4xi64> : tensor<1x4xi64>
  return
}
