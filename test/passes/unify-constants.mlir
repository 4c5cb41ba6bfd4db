// RUN: tilewright-opt --unify-constants %s | FileCheck %s

// CHECK-LABEL: @main
// CHECK-NOT: arith.constant dense
// CHECK: nn.constant dense<[0, 2]> : tensor<2xi64>
// Scalars stay.
// CHECK: arith.constant 1 : index
func.func @main() -> (tensor<2xi64>, index) {
  %t = arith.constant dense<[0, 2]> : tensor<2xi64>
  %c = arith.constant 1 : index
  return %t, %c : tensor<2xi64>, index
}
