// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @linear
func.func @linear() {
  %x0 = nn.constant dense<[[[-0.5899999737739563], [0.6299999952316284], [-0.5199999809265137], [-0.1599999964237213]], [[0.8799999952316284], [-0.3499999940395355], [1.6299999952316284], [-1.2799999713897705]]]> : tensor<2x4x1xf32>
  %x1 = nn.constant dense<[[[0.9599999785423279], [-0.3100000023841858]], [[-0.28999999165534973], [0.5400000214576721]]]> : tensor<2x2x1xf32>
  %x2 = nn.constant dense<[1, 2]> : tensor<2xi64>
  // CHECK: nn.tensor_scatter{{ }}
  %y0 = nn.tensor_scatter %x0, %x1, %x2
    : (tensor<2x4x1xf32>, tensor<2x2x1xf32>, tensor<2xi64>) -> tensor<2x4x1xf32>
  check.expect_close %y0, dense<[[[-0.5899999737739563], [0.9599999785423279], [-0.3100000023841858], [-0.1599999964237213]], [[0.8799999952316284], [-0.3499999940395355], [-0.28999999165534973], [0.5400000214576721]]]> : tensor<2x4x1xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x4x1xf32>
  return
}

// CHECK-LABEL: func @circular
func.func @circular() {
  %x0 = nn.constant dense<[[[0.09000000357627869], [-0.3400000035762787], [-1.9900000095367432], [-1.6299999952316284]], [[0.8399999737739563], [0.10000000149011612], [0.7799999713897705], [1.8200000524520874]]]> : tensor<2x4x1xf32>
  %x1 = nn.constant dense<[[[0.7300000190734863], [-1.7899999618530273]], [[-0.7599999904632568], [0.3700000047683716]]]> : tensor<2x2x1xf32>
  %x2 = nn.constant dense<[3, 0]> : tensor<2xi64>
  // CHECK: nn.tensor_scatter{{ }}
  %y0 = nn.tensor_scatter %x0, %x1, %x2 {mode = "circular"}
    : (tensor<2x4x1xf32>, tensor<2x2x1xf32>, tensor<2xi64>) -> tensor<2x4x1xf32>
  check.expect_close %y0, dense<[[[-1.7899999618530273], [-0.3400000035762787], [-1.9900000095367432], [0.7300000190734863]], [[-0.7599999904632568], [0.3700000047683716], [0.7799999713897705], [1.8200000524520874]]]> : tensor<2x4x1xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x4x1xf32>
  return
}
