// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of numpy.count_nonzero.

// CHECK-LABEL: func @floats
func.func @floats() {
  %x0 = nn.constant dense<[[1.0, 0.0], [0.0, 3.0]]> : tensor<2x2xf32>
  // CHECK: nn.count_non_zero{{ }}
  %y0 = nn.count_non_zero %x0
    : (tensor<2x2xf32>) -> tensor<i64>
  check.expect_close %y0, dense<2> : tensor<i64> : tensor<i64>
  return
}

// CHECK-LABEL: func @bools
func.func @bools() {
  %x0 = nn.constant dense<[true, true, false]> : tensor<3xi1>
  // CHECK: nn.count_non_zero{{ }}
  %y0 = nn.count_non_zero %x0
    : (tensor<3xi1>) -> tensor<i64>
  check.expect_close %y0, dense<2> : tensor<i64> : tensor<i64>
  return
}
