// RUN: tilewright-opt %s -canonicalize | FileCheck %s

// Equal constants become one.
// CHECK-LABEL: func @folds
// CHECK: %[[C:.*]] = nn.constant dense<[1, 2]> : tensor<2xi64>
// CHECK-NEXT: return %[[C]], %[[C]]
func.func @folds() -> (tensor<2xi64>, tensor<2xi64>) {
  %a = nn.constant dense<[1, 2]> : tensor<2xi64>
  %b = nn.constant dense<[1, 2]> : tensor<2xi64>
  return %a, %b : tensor<2xi64>, tensor<2xi64>
}
