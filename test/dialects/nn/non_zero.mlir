// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of numpy.nonzero.

// CHECK-LABEL: func @matrix
func.func @matrix() {
  %x0 = nn.constant dense<[[1.0, 0.0], [0.0, 3.0]]> : tensor<2x2xf32>
  %x1 = nn.constant dense<2> : tensor<i64>
  // CHECK: nn.non_zero{{ }}
  %y0 = nn.non_zero %x0, %x1
    : (tensor<2x2xf32>, tensor<i64>) -> tensor<2x2xi64>
  check.expect_close %y0, dense<[[0, 1], [0, 1]]> : tensor<2x2xi64> : tensor<2x2xi64>
  return
}

// CHECK-LABEL: func @bools
func.func @bools() {
  %x0 = nn.constant dense<[true, false, true]> : tensor<3xi1>
  %x1 = nn.constant dense<2> : tensor<i64>
  // CHECK: nn.non_zero{{ }}
  %y0 = nn.non_zero %x0, %x1
    : (tensor<3xi1>, tensor<i64>) -> tensor<1x2xi64>
  check.expect_close %y0, dense<[[0, 2]]> : tensor<1x2xi64> : tensor<1x2xi64>
  return
}
