// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are onnxruntime's.

// CHECK-LABEL: func @padded
func.func @padded() {
  %x0 = nn.constant dense<[[[[0.5, 1.6, 1.1, -1.1], [-0.8, 1.5, -2.0, 1.3], [1.2, -0.1, -0.8, -0.9], [-1.0, -0.2, 0.0, 0.2]], [[2.0, 1.2, 0.5, 2.0], [-1.1, -1.4, 0.5, -1.8], [-1.9, 0.1, -0.1, 1.7], [0.5, 0.1, -0.0, -1.0]]]]> : tensor<1x2x4x4xf32>
  %x1 = nn.constant dense<[[[[-2.0, -1.2, 0.8], [-1.2, -0.5, -2.0], [1.3, -1.4, -0.9]], [[1.5, 0.0, 1.4], [0.6, 1.0, -1.6], [0.2, 0.0, 1.5]]], [[[-0.6, 0.4, -1.8], [-0.4, -0.7, -1.4], [1.3, -0.5, 1.9]], [[0.4, 0.4, 0.6], [0.7, -1.4, -0.2], [-1.0, -0.4, -1.6]]], [[[1.9, -1.1, 0.7], [-0.8, 1.5, 0.6], [-1.5, 1.4, 1.8]], [[1.6, 0.3, -1.4], [-1.2, 1.7, 0.2], [-1.3, 1.5, 0.6]]]]> : tensor<3x2x3x3xf32>
  %x2 = nn.constant dense<[0.3, -0.5, -0.4]> : tensor<3xf32>
  // CHECK: nn.conv{{ }}
  %r0 = nn.conv %x0, %x1, %x2 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>, tensor<3xf32>) -> tensor<1x3x4x4xf32>
  check.expect_close %r0, dense<[[[[-5.4, -2.5100005, -1.3499997, -2.4899995], [-0.23999983, 5.2, 3.0099998, 0.6200001], [-0.22999978, -4.0400004, -6.24, 6.26], [0.15999986, -3.9099996, 4.7700005, 1.73]], [[-0.19999981, -8.47, 8.87, -5.65], [-1.57, 4.71, -3.72, 0.9899998], [-3.1000004, 1.0, -2.6299996, -0.5000001], [-0.27999997, 0.14999992, 1.95, 1.52]], [[4.04, 1.3300003, -2.1000006, 1.3399997], [-4.65, 2.33, -3.1699994, 6.810001], [0.74, -6.2900004, 4.3100004, -4.2899995], [-3.2500005, -1.3700001, -2.63, -1.9799999]]]]> : tensor<1x3x4x4xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x3x4x4xf32>
  return
}

// CHECK-LABEL: func @strided_dilated_groups
func.func @strided_dilated_groups() {
  %x0 = nn.constant dense<[[[[0.5, 1.6, 1.1, -1.1], [-0.8, 1.5, -2.0, 1.3], [1.2, -0.1, -0.8, -0.9], [-1.0, -0.2, 0.0, 0.2]], [[2.0, 1.2, 0.5, 2.0], [-1.1, -1.4, 0.5, -1.8], [-1.9, 0.1, -0.1, 1.7], [0.5, 0.1, -0.0, -1.0]]]]> : tensor<1x2x4x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.8], [1.5, -0.1], [0.2, -0.7]]], [[[1.0, -1.9], [-0.5, -1.9], [-1.5, 1.9]]], [[[0.6, -0.3], [0.1, 1.5], [-0.6, 0.4]]], [[[0.7, -0.6], [0.1, 1.1], [1.6, -1.4]]]]> : tensor<4x1x3x2xf32>
  // CHECK: nn.conv{{ }}
  %r0 = nn.conv %x0, %x1 {group = 2 : i64, strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, pads = array<i64: 1, 0, 1, 2>} : (tensor<1x2x4x4xf32>, tensor<4x1x3x2xf32>) -> tensor<1x4x2x4xf32>
  check.expect_close %r0, dense<[[[[1.88, 1.9, 1.2500001, -1.3900001], [6.0800004, -4.08, 0.79999995, -2.61]], [[-4.9399996, 1.5099999, 2.45, -1.3999999], [5.42, 1.47, -1.6, 1.45]], [[1.8100001, 3.2399998, -0.25, 1.28], [-1.45, 1.8000001, 0.29000002, -0.31]], [[-1.71, 2.6000001, 0.85, -2.68], [-0.57, 3.54, 0.34, -2.69]]]]> : tensor<1x4x2x4xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x4x2x4xf32>
  return
}

// CHECK-LABEL: func @same_lower
func.func @same_lower() {
  %x0 = nn.constant dense<[[[[0.5, 1.6, 1.1, -1.1], [-0.8, 1.5, -2.0, 1.3], [1.2, -0.1, -0.8, -0.9], [-1.0, -0.2, 0.0, 0.2]], [[2.0, 1.2, 0.5, 2.0], [-1.1, -1.4, 0.5, -1.8], [-1.9, 0.1, -0.1, 1.7], [0.5, 0.1, -0.0, -1.0]]]]> : tensor<1x2x4x4xf32>
  %x1 = nn.constant dense<[[[[1.7, -2.0, 1.0], [1.2, -1.5, -0.3]], [[1.3, -1.9, 0.5], [1.2, 0.1, 0.9]]]]> : tensor<1x2x2x3xf32>
  // CHECK: nn.conv{{ }}
  %r0 = nn.conv %x0, %x1 {auto_pad = "SAME_LOWER", strides = array<i64: 2, 2>} : (tensor<1x2x4x4xf32>, tensor<1x2x2x3xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %r0, dense<[[[[-3.2199998, 2.19], [2.8600001, 0.6200001]]]]> : tensor<1x1x2x2xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @line
func.func @line() {
  %x0 = nn.constant dense<[[[-1.1, -1.2, -0.5, -1.3, -0.6, 1.8], [0.3, -0.6, -0.9, 1.8, -0.2, 1.9]]]> : tensor<1x2x6xf32>
  %x1 = nn.constant dense<[[[0.1, 0.1, 1.6], [1.0, 0.3, -0.3]], [[1.5, -0.4, 1.7], [-1.7, -0.3, 0.1]]]> : tensor<2x2x3xf32>
  // CHECK: nn.conv{{ }}
  %r0 = nn.conv %x0, %x1 {auto_pad = "SAME_UPPER"} : (tensor<1x2x6xf32>, tensor<2x2x3xf32>) -> tensor<1x2x6xf32>
  check.expect_close %r0, dense<[[[-1.7600001, -0.64, -3.6599998, -1.4399999, 3.86, 0.49], [-1.7500002, -2.4399998, -2.34, -0.28000015, -1.4599998, -1.85]]]> : tensor<1x2x6xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x2x6xf32>
  return
}

// CHECK-LABEL: func @volume
func.func @volume() {
  %x0 = nn.constant dense<[[[[[1.8, -1.0, 1.2], [0.7, 0.9, 0.5], [1.9, -0.7, -0.4]], [[-1.2, -1.8, -1.1], [1.7, 1.4, -1.6], [0.4, -0.1, 0.4]]]]]> : tensor<1x1x2x3x3xf32>
  %x1 = nn.constant dense<[[[[[0.6, -0.8], [1.8, -0.1]], [[0.5, 0.5], [-1.3, -1.8]]]]]> : tensor<1x1x2x2x2xf32>
  // CHECK: nn.conv{{ }}
  %r0 = nn.conv %x0, %x1 {auto_pad = "VALID"} : (tensor<1x1x2x3x3xf32>, tensor<1x1x2x2x2xf32>) -> tensor<1x1x1x2x2xf32>
  check.expect_close %r0, dense<[[[[[-3.1799998, -0.3800003], [4.3999996, -1.77]]]]]> : tensor<1x1x1x2x2xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @doubles
func.func @doubles() {
  %x0 = nn.constant dense<[[[[-0.4, 1.1, 1.3], [0.9, -1.5, 1.7], [1.2, 1.5, 0.1]]]]> : tensor<1x1x3x3xf64>
  %x1 = nn.constant dense<[[[[1.7, -1.8], [-1.9, -1.9]]]]> : tensor<1x1x2x2xf64>
  // CHECK: nn.conv{{ }}
  %r0 = nn.conv %x0, %x1 : (tensor<1x1x3x3xf64>, tensor<1x1x2x2xf64>) -> tensor<1x1x2x2xf64>
  check.expect_close %r0, dense<[[[[-1.52, -0.8499999], [-0.90000033, -8.65]]]]> : tensor<1x1x2x2xf64> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x1x2x2xf64>
  return
}
