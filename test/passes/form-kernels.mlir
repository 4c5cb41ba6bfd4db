// RUN: tilewright-opt --form-kernels %s | FileCheck %s

// A diamond of elementwise ops is one kernel; equal symbols are one index argument.
// CHECK-LABEL: func.func @main
// CHECK: rt.launch @[[K:mul_[0-9a-f]+]](%{{.*}}, %{{.*}}) scalars() dims(%[[W:.*]]) -> (%[[W]])
// CHECK-NOT: rt.launch
// CHECK: return
// CHECK: module @[[K]]
// CHECK: tile.dims = [array<i64: 0>, array<i64: 0>, array<i64>]
// CHECK: nn.add
// CHECK: nn.exp
// CHECK: nn.mul
func.func @main(%x: tensor<?xf32> {nn.dims = ["w"]}, %y: tensor<?xf32> {nn.dims = ["w"]}) -> tensor<?xf32> {
  %a = nn.add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %b = nn.exp %a : (tensor<?xf32>) -> tensor<?xf32>
  %c = nn.mul %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %c : tensor<?xf32>
}
