// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of NumPy.

// CHECK-LABEL: func @inner
func.func @inner() {
  %x0 = nn.constant dense<[[-1.690000057220459, 1.1200000047683716, -0.25], [0.8899999856948853, 1.909999966621399, 0.15000000596046448]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[[0.0], [-1.7100000381469727]]> : tensor<2x1xf32>
  %x2 = nn.constant dense<[[-0.9300000071525574, -0.0], [0.7200000286102295, 1.2100000381469727]]> : tensor<2x2xf32>
  // CHECK: nn.concat{{ }}
  %y0 = nn.concat %x0, %x1, %x2 {axis = 1 : i64}
    : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<2x2xf32>) -> tensor<2x6xf32>
  check.expect_close %y0, dense<[[-1.690000057220459, 1.1200000047683716, -0.25, 0.0, -0.9300000071525574, -0.0], [0.8899999856948853, 1.909999966621399, 0.15000000596046448, -1.7100000381469727, 0.7200000286102295, 1.2100000381469727]]> : tensor<2x6xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x6xf32>
  return
}

// CHECK-LABEL: func @outer
func.func @outer() {
  %x0 = nn.constant dense<[[1, 2]]> : tensor<1x2xui8>
  %x1 = nn.constant dense<[[3, 4], [5, 6]]> : tensor<2x2xui8>
  // CHECK: nn.concat{{ }}
  %y0 = nn.concat %x0, %x1 {axis = 0 : i64}
    : (tensor<1x2xui8>, tensor<2x2xui8>) -> tensor<3x2xui8>
  check.expect_close %y0, dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xui8> : tensor<3x2xui8>
  return
}

// CHECK-LABEL: func @middle_bools
func.func @middle_bools() {
  %x0 = nn.constant dense<[[[true], [false]]]> : tensor<1x2x1xi1>
  %x1 = nn.constant dense<[[[true]]]> : tensor<1x1x1xi1>
  // CHECK: nn.concat{{ }}
  %y0 = nn.concat %x0, %x1 {axis = -2 : i64}
    : (tensor<1x2x1xi1>, tensor<1x1x1xi1>) -> tensor<1x3x1xi1>
  check.expect_close %y0, dense<[[[true], [false], [true]]]> : tensor<1x3x1xi1> : tensor<1x3x1xi1>
  return
}
