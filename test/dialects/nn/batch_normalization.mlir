// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @batch_normalization
func.func @batch_normalization() {
  %x0 = nn.constant dense<[[[0.0, 0.25], [0.5, 0.75], [1.0, 1.25]], [[1.5, 1.75], [2.0, 2.25], [2.5, 2.75]]]> : tensor<2x3x2xf32>
  %x1 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %x2 = nn.constant dense<[0.0, 1.0, -1.0]> : tensor<3xf32>
  %x3 = nn.constant dense<[0.5, 1.0, 0.0]> : tensor<3xf32>
  %x4 = nn.constant dense<[1.0, 0.25, 4.0]> : tensor<3xf32>
  // CHECK: nn.batch_normalization{{ }}
  %r = nn.batch_normalization %x0, %x1, %x2, %x3, %x4 : (tensor<2x3x2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x2xf32>
  check.expect_close %r, dense<[[[-0.4999975, -0.24999875], [-0.99996, 1.99994e-05], [0.49999812, 0.8749977]], [[0.999995, 1.2499938], [4.99992, 5.9999], [2.7499952, 3.1249948]]]> : tensor<2x3x2xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x3x2xf32>
  return
}
