// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are onnxruntime's.

// CHECK-LABEL: func @euclidean
func.func @euclidean() {
  %x0 = nn.constant dense<[[[[-1.7, 1.1, -1.5, -1.5], [-1.5, -1.7, 1.6, -0.9], [-0.8, 1.3, 0.5, -1.3], [-0.3, 1.5, -0.5, 0.8], [-1.6, 0.9, 1.1, 1.3]], [[0.7, -0.5, -1.7, 0.1], [1.0, -1.2, -0.9, 0.1], [1.0, 1.6, -1.5, -1.3], [1.2, 0.6, 0.9, 2.0], [1.8, 1.4, 1.1, -0.4]]]]> : tensor<1x2x5x4xf32>
  // CHECK: nn.global_lp_pool{{ }}
  %r0 = nn.global_lp_pool %x0 : (tensor<1x2x5x4xf32>) -> tensor<1x2x1x1xf32>
  check.expect_close %r0, dense<[[[[5.5569777]], [[5.2516665]]]]> : tensor<1x2x1x1xf32> {atol = 2.0e-5 : f64, rtol = 1.0e-5 : f64} : tensor<1x2x1x1xf32>
  return
}
