// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @transpose
func.func @transpose() {
  %x0 = nn.constant dense<[[[0.0, 0.25], [0.5, 0.75], [1.0, 1.25]], [[1.5, 1.75], [2.0, 2.25], [2.5, 2.75]]]> : tensor<2x3x2xf32>
  // CHECK: nn.transpose{{ }}
  %r = nn.transpose %x0 : (tensor<2x3x2xf32>) -> tensor<2x3x2xf32>
  check.expect_close %r, dense<[[[0.0, 1.5], [0.5, 2.0], [1.0, 2.5]], [[0.25, 1.75], [0.75, 2.25], [1.25, 2.75]]]> : tensor<2x3x2xf32> : tensor<2x3x2xf32>
  return
}

// CHECK-LABEL: func @permutation
func.func @permutation() {
  %x0 = nn.constant dense<[[[0.0, 0.25], [0.5, 0.75], [1.0, 1.25]], [[1.5, 1.75], [2.0, 2.25], [2.5, 2.75]]]> : tensor<2x3x2xf32>
  // CHECK: nn.transpose{{ }}
  %r = nn.transpose %x0 {perm = array<i64: 1, 0, 2>} : (tensor<2x3x2xf32>) -> tensor<3x2x2xf32>
  check.expect_close %r, dense<[[[0.0, 0.25], [1.5, 1.75]], [[0.5, 0.75], [2.0, 2.25]], [[1.0, 1.25], [2.5, 2.75]]]> : tensor<3x2x2xf32> : tensor<3x2x2xf32>
  return
}
