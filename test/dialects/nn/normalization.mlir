// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check --static-only %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @layer_normalization
func.func @layer_normalization() {
  %x0 = nn.constant dense<[[[-0.95, -0.81, 1.26, -1.63], [0.4, 0.91, -1.25, -1.78], [-0.9, 0.63, 0.25, -1.4]], [[-0.27, 0.68, -0.31, 0.53], [1.87, 0.73, -0.43, -1.25], [-0.62, 0.04, 1.56, 1.1]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1.0, 2.0, 0.5, -1.0]> : tensor<4xf32>
  %x2 = nn.constant dense<[0.0, 1.0, 2.0, 3.0]> : tensor<4xf32>
  // CHECK: nn.layer_normalization{{ }}
  %r:3 = nn.layer_normalization %x0, %x1, %x2 : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x1xf32>, tensor<2x3x1xf32>)
  check.expect_close %r#0, dense<[[[-0.38643682, 0.48629355, 2.8295665, 4.015843], [0.7439056, 3.4020085, 1.6325285, 4.209967], [-0.66026175, 3.3866343, 2.3664756, 4.2660065]], [[-0.9481786, 3.3177698, 1.4815515, 2.1738093], [1.3903248, 1.8477591, 1.7202395, 4.2546835], [-1.3279085, -0.118238755, 2.6057127, 2.3243973]]]> : tensor<2x3x4xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x3x4xf32>
  check.expect_close %r#1, dense<[[[-0.5325], [-0.42999998], [-0.355]], [[0.1575], [0.23], [0.52]]]> : tensor<2x3x1xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x3x1xf32>
  check.expect_close %r#2, dense<[[[0.9255972], [0.8962718], [1.2114896]], [[2.2179615], [0.84775907], [1.1648321]]]> : tensor<2x3x1xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x3x1xf32>
  return
}

// CHECK-LABEL: func @layer_normalization_two_dims
func.func @layer_normalization_two_dims() {
  %x0 = nn.constant dense<[[[-0.95, -0.81, 1.26, -1.63], [0.4, 0.91, -1.25, -1.78], [-0.9, 0.63, 0.25, -1.4]], [[-0.27, 0.68, -0.31, 0.53], [1.87, 0.73, -0.43, -1.25], [-0.62, 0.04, 1.56, 1.1]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]> : tensor<3x4xf32>
  // CHECK: nn.layer_normalization{{ }}
  %r:3 = nn.layer_normalization %x0, %x1 {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<3x4xf32>) -> (tensor<2x3x4xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>)
  check.expect_close %r#0, dense<[[[-0.5017742, -0.36425698, 1.6690336, -1.169715], [0.8242849, 1.3252406, -0.796454, -1.317055], [-0.4526609, 1.0502061, 0.676945, -0.9437939]], [[-0.63937074, 0.4215938, -0.6840429, 0.25407305], [1.7505914, 0.47743404, -0.81805944, -1.7338394], [-1.0302523, -0.29316124, 1.4043819, 0.8906518]]]> : tensor<2x3x4xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x3x4xf32>
  check.expect_close %r#1, dense<[[[-0.43916667]], [[0.3025]]]> : tensor<2x1x1xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x1x1xf32>
  check.expect_close %r#2, dense<[[[0.982266]], [[1.1168047]]]> : tensor<2x1x1xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x1x1xf32>
  return
}

// CHECK-LABEL: func @instance_normalization
func.func @instance_normalization() {
  %x0 = nn.constant dense<[[[-0.95, -0.81, 1.26, -1.63], [0.4, 0.91, -1.25, -1.78], [-0.9, 0.63, 0.25, -1.4]], [[-0.27, 0.68, -0.31, 0.53], [1.87, 0.73, -0.43, -1.25], [-0.62, 0.04, 1.56, 1.1]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x2 = nn.constant dense<[0.0, -1.0, 1.0]> : tensor<3xf32>
  // CHECK: nn.instance_normalization{{ }}
  %r = nn.instance_normalization %x0, %x1, %x2 : (tensor<2x3x4xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x4xf32>
  check.expect_close %r, dense<[[[-0.38643682, -0.25685322, 1.659133, -1.0158429], [0.4878112, 1.4020085, -2.4698858, -3.4199338], [-0.9807853, 4.5799513, 3.1988535, -2.7980196]], [[-0.9481786, 1.1588849, -1.036897, 0.82619065], [1.7806497, -0.15224092, -2.119042, -3.5093668], [-2.9837255, -0.67735815, 4.634276, 3.0268078]]]> : tensor<2x3x4xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @lp_normalization
func.func @lp_normalization() {
  %x0 = nn.constant dense<[[3.0, -4.0], [0.0, 0.0]]> : tensor<2x2xf32>
  // CHECK: nn.lp_normalization{{ }}
  %r = nn.lp_normalization %x0 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  check.expect_close %r, dense<[[0.6, -0.8], [0.0, 0.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  return
}

// CHECK-LABEL: func @lp_normalization_first
func.func @lp_normalization_first() {
  %x0 = nn.constant dense<[[3.0, -4.0], [0.0, 0.0]]> : tensor<2x2xf32>
  // CHECK: nn.lp_normalization{{ }}
  %r = nn.lp_normalization %x0 {axis = 0 : i64, p = 1 : i64} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  check.expect_close %r, dense<[[1.0, -1.0], [0.0, 0.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  return
}
