// RUN: tilewright-opt %s --lower-tile-compact=cpu=x86-64-v3 | FileCheck %s

// CHECK-LABEL: @positions
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c8 step %{{.*}} iter_args(%[[N:.*]] = %{{.*}}) -> (index)
// CHECK: %[[F:.*]] = memref.load %arg0[%[[I]]]
// CHECK: %[[ROOM:.*]] = arith.cmpi ult, %[[N]], %c5
// CHECK: %[[IS:.*]] = arith.andi %[[F]], %[[ROOM]]
// CHECK: scf.if %[[IS]]
// CHECK: memref.store %{{.*}}, %arg1[%[[N]]]
func.func @positions(%x: memref<8xi1>, %y: memref<5xi64>) attributes {tile.kernel} {
  tile.compact ins(%x : memref<8xi1>) outs(%y : memref<5xi64>)
  return
}
