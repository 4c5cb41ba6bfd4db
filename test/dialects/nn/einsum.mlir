// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @einsum
func.func @einsum() {
  %x0 = nn.constant dense<[[0.03, 0.19, 0.72], [-0.12, 0.78, 0.23]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[[0.66, -0.0, 0.39, -0.32], [0.05, -0.57, -0.8, -0.92], [0.4, -0.09, 0.8, 0.67]]> : tensor<3x4xf32>
  // CHECK: nn.einsum{{ }}
  %r = nn.einsum %x0, %x1 {equation = "ij,jk->ik"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  check.expect_close %r, dense<[[0.31730002, -0.17310001, 0.43570003, 0.29800004], [0.0518, -0.4653, -0.4868, -0.5251]]> : tensor<2x4xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x4xf32>
  return
}

// CHECK-LABEL: func @implicit
func.func @implicit() {
  %x0 = nn.constant dense<[[0.03, 0.19, 0.72], [-0.12, 0.78, 0.23]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[[0.66, -0.0, 0.39, -0.32], [0.05, -0.57, -0.8, -0.92], [0.4, -0.09, 0.8, 0.67]]> : tensor<3x4xf32>
  // CHECK: nn.einsum{{ }}
  %r = nn.einsum %x0, %x1 {equation = "ij, jk"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  check.expect_close %r, dense<[[0.31730002, -0.17310001, 0.43570003, 0.29800004], [0.0518, -0.4653, -0.4868, -0.5251]]> : tensor<2x4xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x4xf32>
  return
}

// CHECK-LABEL: func @diagonal
func.func @diagonal() {
  %x0 = nn.constant dense<[[-0.23, 0.95, 0.18], [0.53, -0.19, -0.61], [-0.66, -0.64, 0.21]]> : tensor<3x3xf32>
  // CHECK: nn.einsum{{ }}
  %r = nn.einsum %x0 {equation = "ii->i"} : (tensor<3x3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[-0.23, -0.19, 0.21]> : tensor<3xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<3xf32>
  return
}

// CHECK-LABEL: func @ellipsis
func.func @ellipsis() {
  %x0 = nn.constant dense<[[[-0.77, -0.96], [0.67, -0.8], [-0.1, -0.02]], [[0.24, 0.01], [0.87, 0.5], [0.15, 0.23]]]> : tensor<2x3x2xf32>
  %x1 = nn.constant dense<[[[0.01, 0.93, -0.55, 0.38], [0.11, -0.92, -0.41, 0.85]], [[0.57, -0.97, -0.41, -0.98], [0.65, -0.78, -0.89, 0.96]]]> : tensor<2x2x4xf32>
  // CHECK: nn.einsum{{ }}
  %r = nn.einsum %x0, %x1 {equation = "...ij,...jk->...ik"} : (tensor<2x3x2xf32>, tensor<2x2x4xf32>) -> tensor<2x3x4xf32>
  check.expect_close %r, dense<[[[-0.113299996, 0.16710001, 0.8171, -1.1086], [-0.0813, 1.3591001, -0.040500015, -0.42540002], [-0.0032, -0.0746, 0.063200004, -0.055]], [[0.1433, -0.2406, -0.1073, -0.2256], [0.82089996, -1.2339001, -0.8017, -0.37260002], [0.235, -0.3249, -0.2662, 0.07379999]]]> : tensor<2x3x4xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @sum_of_all
func.func @sum_of_all() {
  %x0 = nn.constant dense<[[0.03, 0.19, 0.72], [-0.12, 0.78, 0.23]]> : tensor<2x3xf32>
  // CHECK: nn.einsum{{ }}
  %r = nn.einsum %x0 {equation = "ij->"} : (tensor<2x3xf32>) -> tensor<f32>
  check.expect_close %r, dense<1.83> : tensor<f32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<f32>
  return
}

// CHECK-LABEL: func @transposed
func.func @transposed() {
  %x0 = nn.constant dense<[[0.03, 0.19, 0.72], [-0.12, 0.78, 0.23]]> : tensor<2x3xf32>
  // CHECK: nn.einsum{{ }}
  %r = nn.einsum %x0 {equation = "ij->ji"} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  check.expect_close %r, dense<[[0.03, -0.12], [0.19, 0.78], [0.72, 0.23]]> : tensor<3x2xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<3x2xf32>
  return
}
