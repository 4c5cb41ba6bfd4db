// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of ONNX's own test of NonMaxSuppression.

// CHECK-LABEL: func @rows
func.func @rows() {
  %x0 = nn.constant dense<[[[3, 0, 5, -1, -1, -1]]]> : tensor<1x1x6xi64>
  %x1 = nn.constant dense<3> : tensor<i64>
  // CHECK: nn.non_max_suppression{{ }}
  %y0 = nn.non_max_suppression %x0, %x1
    : (tensor<1x1x6xi64>, tensor<i64>) -> tensor<3x3xi64>
  check.expect_close %y0, dense<[[0, 0, 3], [0, 0, 0], [0, 0, 5]]> : tensor<3x3xi64> : tensor<3x3xi64>
  return
}
