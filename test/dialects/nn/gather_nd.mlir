// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @slices
func.func @slices() {
  %x0 = nn.constant dense<[[[-1.690000057220459, 1.1200000047683716], [-0.25, 0.8899999856948853], [1.909999966621399, 0.15000000596046448]], [[0.0, -1.7100000381469727], [-0.9300000071525574, -0.0], [0.7200000286102295, 1.2100000381469727]]]> : tensor<2x3x2xf32>
  %x1 = nn.constant dense<[[0, 1], [1, 2]]> : tensor<2x2xi64>
  // CHECK: nn.gather_nd{{ }}
  %y0 = nn.gather_nd %x0, %x1
    : (tensor<2x3x2xf32>, tensor<2x2xi64>) -> tensor<2x2xf32>
  check.expect_close %y0, dense<[[-0.25, 0.8899999856948853], [0.7200000286102295, 1.2100000381469727]]> : tensor<2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x2xf32>
  return
}

// CHECK-LABEL: func @batches
func.func @batches() {
  %x0 = nn.constant dense<[[[1.7200000286102295, -1.899999976158142], [0.4000000059604645, 1.7999999523162842]], [[-1.0800000429153442, 0.1899999976158142], [1.6399999856948853, -1.4700000286102295]]]> : tensor<2x2x2xf32>
  %x1 = nn.constant dense<[[1], [0]]> : tensor<2x1xi64>
  // CHECK: nn.gather_nd{{ }}
  %y0 = nn.gather_nd %x0, %x1 {batch_dims = 1 : i64}
    : (tensor<2x2x2xf32>, tensor<2x1xi64>) -> tensor<2x2xf32>
  check.expect_close %y0, dense<[[0.4000000059604645, 1.7999999523162842], [-1.0800000429153442, 0.1899999976158142]]> : tensor<2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x2xf32>
  return
}

// CHECK-LABEL: func @from_the_end_and_outside
func.func @from_the_end_and_outside() {
  %x0 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x1 = nn.constant dense<[[-1], [7]]> : tensor<2x1xi64>
  // CHECK: nn.gather_nd{{ }}
  %y0 = nn.gather_nd %x0, %x1
    : (tensor<3xf32>, tensor<2x1xi64>) -> tensor<2xf32>
  check.expect_close %y0, dense<[3.0, 3.0]> : tensor<2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2xf32>
  return
}
