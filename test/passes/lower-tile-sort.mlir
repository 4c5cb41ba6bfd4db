// RUN: tilewright-opt %s --lower-tile-sort=cpu=x86-64-v3 --split-input-file | FileCheck %s

// A record is one number of 64 bits; -0 is 0, and NaN is above infinity. Runs of up to three records.
// CHECK-LABEL: @floats
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (4, 1)
// CHECK: memref.alloc(%{{.*}}) : memref<2x?xi64>
// CHECK: arith.cmpf oeq
// CHECK: arith.cmpf uno
// CHECK: arith.shli %{{.*}} : i64
// CHECK: math.ctlz
// CHECK: scf.for
// CHECK: scf.for
// CHECK: arith.minsi %{{.*}}, %c3
// CHECK: arith.cmpi ult, %{{.*}} : i64
// CHECK: memref.store %{{.*}}, %arg1
// CHECK: memref.store %{{.*}}, %arg2
func.func @floats(%x: memref<4x100x1xf32>, %a: memref<4x3x1xf32>, %b: memref<4x3x1xi64>) attributes {tile.kernel} {
  tile.sort ins(%x : memref<4x100x1xf32>) outs(%a, %b : memref<4x3x1xf32>, memref<4x3x1xi64>) {descending}
  return
}

// -----

// Keys of 64 bits have their places beside them.
// CHECK-LABEL: @longs
// CHECK: memref.alloc(%{{.*}}) : memref<2x?xi64>
// CHECK: memref.alloc(%{{.*}}) : memref<2x?xi32>
// CHECK: arith.cmpi eq, %{{.*}} : i64
// CHECK: arith.cmpi ult, %{{.*}} : i32
func.func @longs(%x: memref<1x?x1xi64>, %a: memref<1x?x1xi64>, %b: memref<1x?x1xi64>) attributes {tile.kernel} {
  tile.sort ins(%x : memref<1x?x1xi64>) outs(%a, %b : memref<1x?x1xi64>, memref<1x?x1xi64>)
  return
}
