// RUN: tilewright-opt --hoist-shape-arithmetic %s | FileCheck %s

// CHECK-LABEL: @main
// CHECK: tensor.dim
// CHECK: arith.muli
// CHECK: rt.launch
func.func @main(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %y = rt.launch @k(%x) scalars() dims(%n) -> (%n) : (tensor<?xf32>) -> tensor<?xf32>
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %m = arith.muli %d, %d : index
  %z = rt.launch @l(%y) scalars() dims(%m) -> (%m) : (tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}
