// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s

// CHECK-LABEL: @launch
func.func @launch(%x: tensor<?xf32>, %s: i64, %n: index) -> tensor<?xf32> {
  // CHECK: rt.launch @k(%{{.*}}) scalars(%{{.*}} : i64) dims(%{{.*}}) -> (%{{.*}}) : (tensor<?xf32>) -> tensor<?xf32>
  %y = rt.launch @k(%x) scalars(%s : i64) dims(%n) -> (%n) : (tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
