// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @dft
func.func @dft() {
  %x0 = nn.constant dense<[[[-0.11], [-0.36], [-0.9], [-0.22], [-0.27]]]> : tensor<1x5x1xf32>
  // CHECK: nn.dft{{ }}
  %r = nn.dft %x0 {operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<1x5x1xf32>) -> tensor<1x5x2xf32>
  check.expect_close %r, dense<[[[-1.86, 0.0], [0.6014183, 0.48528904], [0.0535817, -0.5938177], [0.0535817, 0.5938177], [0.6014183, -0.48528904]]]> : tensor<1x5x2xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x5x2xf32>
  return
}

// CHECK-LABEL: func @onesided
func.func @onesided() {
  %x0 = nn.constant dense<[[[-0.11], [-0.36], [-0.9], [-0.22], [-0.27]]]> : tensor<1x5x1xf32>
  // CHECK: nn.dft{{ }}
  %r = nn.dft %x0 {onesided = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<1x5x1xf32>) -> tensor<1x3x2xf32>
  check.expect_close %r, dense<[[[-1.86, 0.0], [0.6014183, 0.48528904], [0.0535817, -0.5938177]]]> : tensor<1x3x2xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x2xf32>
  return
}

// CHECK-LABEL: func @inverse
func.func @inverse() {
  %x0 = nn.constant dense<[[[0.05, -0.99], [-0.7, -0.58], [-0.12, -0.4], [0.23, -0.43]], [[0.82, 0.92], [-0.88, -0.58], [0.13, 0.54], [-0.87, -0.63]]]> : tensor<2x4x2xf32>
  // CHECK: nn.dft{{ }}
  %r = nn.dft %x0 {inverse = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<2x4x2xf32>) -> tensor<2x4x2xf32>
  check.expect_close %r, dense<[[[-0.13499999, -0.6], [0.07999999, -0.38], [0.099999994, -0.095000006], [0.0050000055, 0.08499999]], [[-0.2, 0.062500015], [0.16, 0.0925], [0.675, 0.6675], [0.185, 0.0975]]]> : tensor<2x4x2xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x4x2xf32>
  return
}

// CHECK-LABEL: func @first_axis
func.func @first_axis() {
  %x0 = nn.constant dense<[[[0.05, -0.99], [-0.7, -0.58], [-0.12, -0.4], [0.23, -0.43]], [[0.82, 0.92], [-0.88, -0.58], [0.13, 0.54], [-0.87, -0.63]]]> : tensor<2x4x2xf32>
  %x1 = nn.constant dense<0> : tensor<i64>
  // CHECK: nn.dft{{ }}
  %r = nn.dft %x0, %x1 {operandSegmentSizes = array<i32: 1, 0, 1>} : (tensor<2x4x2xf32>, tensor<i64>) -> tensor<2x4x2xf32>
  check.expect_close %r, dense<[[[0.87, -0.06999999], [-1.5799999, -1.16], [0.009999998, 0.14000002], [-0.64, -1.06]], [[-0.77, -1.9100001], [0.18, 0.0], [-0.25, -0.94000006], [1.1, 0.19999999]]]> : tensor<2x4x2xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x4x2xf32>
  return
}

// CHECK-LABEL: func @filled_up
func.func @filled_up() {
  %x0 = nn.constant dense<[[[-0.11], [-0.36], [-0.9], [-0.22], [-0.27]]]> : tensor<1x5x1xf32>
  %x1 = nn.constant dense<8> : tensor<i64>
  // CHECK: nn.dft{{ }}
  %r = nn.dft %x0, %x1 {operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<1x5x1xf32>, tensor<i64>) -> tensor<1x8x2xf32>
  check.expect_close %r, dense<[[[-1.86, 0.0], [0.061005052, 1.3101219], [0.52, 0.14000002], [0.25899497, -0.48987803], [-0.7, 0.0], [0.25899497, 0.48987803], [0.52, -0.14000002], [0.061005052, -1.3101219]]]> : tensor<1x8x2xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x8x2xf32>
  return
}

// CHECK-LABEL: func @inverse_of_half
func.func @inverse_of_half() {
  %x0 = nn.constant dense<[[[10.0, 0.0], [-3.0, 1.0], [0.0, 0.0]]]> : tensor<1x3x2xf32>
  // CHECK: nn.dft{{ }}
  %r = nn.dft %x0 {inverse = 1 : i64, onesided = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<1x3x2xf32>) -> tensor<1x4x1xf32>
  check.expect_close %r, dense<[[[1.0], [2.0], [4.0], [3.0]]]> : tensor<1x4x1xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x4x1xf32>
  return
}
