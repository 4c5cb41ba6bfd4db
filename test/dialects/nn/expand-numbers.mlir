// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of NumPy.

// CHECK-LABEL: func @both_ways
func.func @both_ways() {
  %x0 = nn.constant dense<[[-0.550000011920929], [-1.75], [-1.399999976158142]]> : tensor<3x1xf32>
  %x1 = nn.constant dense<[2, 1, 4]> : tensor<3xi64>
  // CHECK: nn.expand{{ }}
  %y0 = nn.expand %x0, %x1
    : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<2x3x4xf32>
  check.expect_close %y0, dense<[[[-0.550000011920929, -0.550000011920929, -0.550000011920929, -0.550000011920929], [-1.75, -1.75, -1.75, -1.75], [-1.399999976158142, -1.399999976158142, -1.399999976158142, -1.399999976158142]], [[-0.550000011920929, -0.550000011920929, -0.550000011920929, -0.550000011920929], [-1.75, -1.75, -1.75, -1.75], [-1.399999976158142, -1.399999976158142, -1.399999976158142, -1.399999976158142]]]> : tensor<2x3x4xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @same
func.func @same() {
  %x0 = nn.constant dense<[[-1.909999966621399, 0.10000000149011612, 0.7900000214576721], [-0.28999999165534973, -1.4600000381469727, -0.6700000166893005]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.expand{{ }}
  %y0 = nn.expand %x0, %x1
    : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x3xf32>
  check.expect_close %y0, dense<[[-1.909999966621399, 0.10000000149011612, 0.7900000214576721], [-0.28999999165534973, -1.4600000381469727, -0.6700000166893005]]> : tensor<2x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x3xf32>
  return
}
