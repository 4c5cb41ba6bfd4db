// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of NumPy.

// CHECK-LABEL: func @zeros
func.func @zeros() {
  %x0 = nn.constant dense<[2, 3]> : tensor<2xi64>
  // CHECK: nn.constant_of_shape{{ }}
  %y0 = nn.constant_of_shape %x0
    : (tensor<2xi64>) -> tensor<2x3xf32>
  check.expect_close %y0, dense<[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]> : tensor<2x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x3xf32>
  return
}
