// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of numpy.unique.

// CHECK-LABEL: func @sorted
func.func @sorted() {
  %x0 = nn.constant dense<[2.0, 1.0, 1.0, 3.0, 4.0, 3.0]> : tensor<6xf32>
  %x1 = nn.constant dense<[1, 0, 0, 2, 3, 2]> : tensor<6xi64>
  %x2 = nn.constant dense<4> : tensor<i64>
  // CHECK: nn.unique{{ }}
  %y0, %y1, %y2, %y3 = nn.unique %x0, %x1, %x2
    : (tensor<6xf32>, tensor<6xi64>, tensor<i64>) -> (tensor<4xf32>, tensor<4xi64>, tensor<6xi64>, tensor<4xi64>)
  check.expect_close %y0, dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<4xf32>
  check.expect_close %y1, dense<[1, 0, 3, 4]> : tensor<4xi64> : tensor<4xi64>
  check.expect_close %y2, dense<[1, 0, 0, 2, 3, 2]> : tensor<6xi64> : tensor<6xi64>
  check.expect_close %y3, dense<[2, 1, 2, 1]> : tensor<4xi64> : tensor<4xi64>
  return
}

// CHECK-LABEL: func @rows
func.func @rows() {
  %x0 = nn.constant dense<[[1.0, 0.0], [2.0, 5.0], [1.0, 0.0]]> : tensor<3x2xf32>
  %x1 = nn.constant dense<[0, 1, 0]> : tensor<3xi64>
  %x2 = nn.constant dense<2> : tensor<i64>
  // CHECK: nn.unique{{ }}
  %y0, %y1, %y2, %y3 = nn.unique %x0, %x1, %x2 {axis = 0 : i64}
    : (tensor<3x2xf32>, tensor<3xi64>, tensor<i64>) -> (tensor<2x2xf32>, tensor<2xi64>, tensor<3xi64>, tensor<2xi64>)
  check.expect_close %y0, dense<[[1.0, 0.0], [2.0, 5.0]]> : tensor<2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x2xf32>
  check.expect_close %y1, dense<[0, 1]> : tensor<2xi64> : tensor<2xi64>
  check.expect_close %y2, dense<[0, 1, 0]> : tensor<3xi64> : tensor<3xi64>
  check.expect_close %y3, dense<[2, 1]> : tensor<2xi64> : tensor<2xi64>
  return
}
