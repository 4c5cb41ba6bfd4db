// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s

// CHECK-LABEL: @view
func.func @view(%x: tensor<?x4xf32>, %n: index) -> tensor<?xf32> {
  // CHECK: rt.view %{{.*}}(%{{.*}}) : tensor<?x4xf32> -> tensor<?xf32>
  %y = rt.view %x(%n) : tensor<?x4xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}
