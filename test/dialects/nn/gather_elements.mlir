// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @axis_1
func.func @axis_1() {
  %x0 = nn.constant dense<[[-0.47999998927116394, -1.7400000095367432, -0.8500000238418579], [1.6399999856948853, -1.149999976158142, -0.1899999976158142]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[[0, -1], [2, 1]]> : tensor<2x2xi64>
  // CHECK: nn.gather_elements{{ }}
  %y0 = nn.gather_elements %x0, %x1 {axis = 1 : i64}
    : (tensor<2x3xf32>, tensor<2x2xi64>) -> tensor<2x2xf32>
  check.expect_close %y0, dense<[[-0.47999998927116394, -0.8500000238418579], [-0.1899999976158142, -1.149999976158142]]> : tensor<2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x2xf32>
  return
}

// CHECK-LABEL: func @axis_0_narrow_indices
func.func @axis_0_narrow_indices() {
  %x0 = nn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xui8>
  %x1 = nn.constant dense<[[1, 0]]> : tensor<1x2xi32>
  // CHECK: nn.gather_elements{{ }}
  %y0 = nn.gather_elements %x0, %x1
    : (tensor<2x2xui8>, tensor<1x2xi32>) -> tensor<1x2xui8>
  check.expect_close %y0, dense<[[3, 2]]> : tensor<1x2xui8> : tensor<1x2xui8>
  return
}

// CHECK-LABEL: func @outside_reads_the_nearest
func.func @outside_reads_the_nearest() {
  %x0 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x1 = nn.constant dense<[5, -7]> : tensor<2xi64>
  // CHECK: nn.gather_elements{{ }}
  %y0 = nn.gather_elements %x0, %x1
    : (tensor<3xf32>, tensor<2xi64>) -> tensor<2xf32>
  check.expect_close %y0, dense<[3.0, 1.0]> : tensor<2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2xf32>
  return
}
