// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of ONNX's own test of NonMaxSuppression.

// CHECK-LABEL: func @overlapping
func.func @overlapping() {
  %x0 = nn.constant dense<[[[0.0, 0.0, 1.0, 1.0], [0.0, 0.10000000149011612, 1.0, 1.100000023841858], [0.0, -0.10000000149011612, 1.0, 0.8999999761581421], [0.0, 10.0, 1.0, 11.0], [0.0, 10.100000381469727, 1.0, 11.100000381469727], [0.0, 100.0, 1.0, 101.0]]]> : tensor<1x6x4xf32>
  %x1 = nn.constant dense<[[[0.8999999761581421, 0.75, 0.6000000238418579, 0.949999988079071, 0.5, 0.30000001192092896]]]> : tensor<1x1x6xf32>
  %x2 = nn.constant dense<[3]> : tensor<1xi64>
  %x3 = nn.constant dense<[0.5]> : tensor<1xf32>
  %x4 = nn.constant dense<[0.0]> : tensor<1xf32>
  // CHECK: nn.select_boxes{{ }}
  %y0, %y1 = nn.select_boxes %x0, %x1, %x2, %x3, %x4 {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}
    : (tensor<1x6x4xf32>, tensor<1x1x6xf32>, tensor<1xi64>, tensor<1xf32>, tensor<1xf32>) -> (tensor<1x1x6xi64>, tensor<i64>)
  check.expect_close %y0, dense<[[[3, 0, 5, -1, -1, -1]]]> : tensor<1x1x6xi64> : tensor<1x1x6xi64>
  check.expect_close %y1, dense<3> : tensor<i64> : tensor<i64>
  return
}

// CHECK-LABEL: func @none_asked_for
func.func @none_asked_for() {
  %x0 = nn.constant dense<[[[0.0, 0.0, 1.0, 1.0], [0.0, 0.10000000149011612, 1.0, 1.100000023841858], [0.0, -0.10000000149011612, 1.0, 0.8999999761581421], [0.0, 10.0, 1.0, 11.0], [0.0, 10.100000381469727, 1.0, 11.100000381469727], [0.0, 100.0, 1.0, 101.0]]]> : tensor<1x6x4xf32>
  %x1 = nn.constant dense<[[[0.8999999761581421, 0.75, 0.6000000238418579, 0.949999988079071, 0.5, 0.30000001192092896]]]> : tensor<1x1x6xf32>
  // CHECK: nn.select_boxes{{ }}
  %y0, %y1 = nn.select_boxes %x0, %x1 {operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>}
    : (tensor<1x6x4xf32>, tensor<1x1x6xf32>) -> (tensor<1x1x6xi64>, tensor<i64>)
  check.expect_close %y0, dense<[[[-1, -1, -1, -1, -1, -1]]]> : tensor<1x1x6xi64> : tensor<1x1x6xi64>
  check.expect_close %y1, dense<0> : tensor<i64> : tensor<i64>
  return
}
