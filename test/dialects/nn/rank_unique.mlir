// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of numpy.unique.

// CHECK-LABEL: func @sorted
func.func @sorted() {
  %x0 = nn.constant dense<[2.0, 1.0, 1.0, 3.0, 4.0, 3.0]> : tensor<6xf32>
  // CHECK: nn.rank_unique{{ }}
  %y0, %y1 = nn.rank_unique %x0
    : (tensor<6xf32>) -> (tensor<6xi64>, tensor<i64>)
  check.expect_close %y0, dense<[1, 0, 0, 2, 3, 2]> : tensor<6xi64> : tensor<6xi64>
  check.expect_close %y1, dense<4> : tensor<i64> : tensor<i64>
  return
}

// CHECK-LABEL: func @by_occurrence
func.func @by_occurrence() {
  %x0 = nn.constant dense<[2.0, 1.0, 1.0, 3.0, 4.0, 3.0]> : tensor<6xf32>
  // CHECK: nn.rank_unique{{ }}
  %y0, %y1 = nn.rank_unique %x0 {sorted = 0 : i64}
    : (tensor<6xf32>) -> (tensor<6xi64>, tensor<i64>)
  check.expect_close %y0, dense<[0, 1, 1, 2, 3, 2]> : tensor<6xi64> : tensor<6xi64>
  check.expect_close %y1, dense<4> : tensor<i64> : tensor<i64>
  return
}

// CHECK-LABEL: func @rows
func.func @rows() {
  %x0 = nn.constant dense<[[1.0, 0.0], [2.0, 5.0], [1.0, 0.0]]> : tensor<3x2xf32>
  // CHECK: nn.rank_unique{{ }}
  %y0, %y1 = nn.rank_unique %x0 {axis = 0 : i64}
    : (tensor<3x2xf32>) -> (tensor<3xi64>, tensor<i64>)
  check.expect_close %y0, dense<[0, 1, 0]> : tensor<3xi64> : tensor<3xi64>
  check.expect_close %y1, dense<2> : tensor<i64> : tensor<i64>
  return
}
