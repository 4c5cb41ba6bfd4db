// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are onnxruntime's.

// CHECK-LABEL: func @first
func.func @first() {
  %x0 = nn.constant dense<[[[[-1.7, 1.1, -1.5, -1.5], [-1.5, -1.7, 1.6, -0.9], [-0.8, 1.3, 0.5, -1.3], [-0.3, 1.5, -0.5, 0.8], [-1.6, 0.9, 1.1, 1.3]], [[0.7, -0.5, -1.7, 0.1], [1.0, -1.2, -0.9, 0.1], [1.0, 1.6, -1.5, -1.3], [1.2, 0.6, 0.9, 2.0], [1.8, 1.4, 1.1, -0.4]]]]> : tensor<1x2x5x4xf32>
  // CHECK: nn.global_max_pool{{ }}
  %r0 = nn.global_max_pool %x0 : (tensor<1x2x5x4xf32>) -> tensor<1x2x1x1xf32>
  check.expect_close %r0, dense<[[[[1.6]], [[2.0]]]]> : tensor<1x2x1x1xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x2x1x1xf32>
  return
}

// CHECK-LABEL: func @last
func.func @last() {
  %x0 = nn.constant dense<[[[[-1.7, 0.7], [1.1, -0.5], [-1.5, -1.7], [-1.5, 0.1]], [[-1.5, 1.0], [-1.7, -1.2], [1.6, -0.9], [-0.9, 0.1]], [[-0.8, 1.0], [1.3, 1.6], [0.5, -1.5], [-1.3, -1.3]], [[-0.3, 1.2], [1.5, 0.6], [-0.5, 0.9], [0.8, 2.0]], [[-1.6, 1.8], [0.9, 1.4], [1.1, 1.1], [1.3, -0.4]]]]> : tensor<1x5x4x2xf32>
  // CHECK: nn.global_max_pool{{ }}
  %r0 = nn.global_max_pool %x0 {channels_last} : (tensor<1x5x4x2xf32>) -> tensor<1x1x1x2xf32>
  check.expect_close %r0, dense<[[[[1.6, 2.0]]]]> : tensor<1x1x1x2xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x1x1x2xf32>
  return
}
