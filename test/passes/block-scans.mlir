// RUN: tilewright-opt %s --block-scans --split-input-file | FileCheck %s

// Rows of 200 elements have a warp each: eight elements of a lane, five shuffles for the lanes' sums and one for the carry.
// CHECK-LABEL: @short_rows
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (300, 1)
// CHECK-NOT: nvvm.barrier0
// CHECK-COUNT-48: nvvm.shfl.sync
// CHECK: tile.threads = 32
// CHECK-NOT: scf.forall
func.func @short_rows(%x: memref<300x200x1xf32>, %y: memref<300x200x1xf32>) attributes {tile.kernel} {
  tile.scan "add" ins(%x : memref<300x200x1xf32>) outs(%y : memref<300x200x1xf32>)
  return
}

// -----

// One long row: totals of its 49 pieces, their sums, then the pieces.
// CHECK: llvm.mlir.global external @tw_shared
// CHECK-LABEL: @long_row
// CHECK: memref.alloc() : memref<1x49x1xf32>
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 49, 1)
// CHECK: memref.store %{{.*}} : memref<1x49x1xf32>
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (1, 1)
// CHECK: memref.load %{{.*}} : memref<1x49x1xf32>
// CHECK: memref.store %{{.*}} : memref<1x49x1xf32>
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 49, 1)
// CHECK: memref.store %{{.*}}, %arg1
func.func @long_row(%x: memref<1x100000x1xf32>, %y: memref<1x100000x1xf32>) attributes {tile.kernel} {
  tile.scan "add" ins(%x : memref<1x100000x1xf32>) outs(%y : memref<1x100000x1xf32>)
  return
}

// -----

// Neighbouring lines: a lane has one, and no lane asks another.
// CHECK-LABEL: @columns
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (9, 2)
// CHECK-NOT: nvvm.shfl
// CHECK: tile.shared = 2048 : i64, tile.threads = 256
func.func @columns(%x: memref<9x64x40xi32>, %y: memref<9x64x40xi32>) attributes {tile.kernel} {
  tile.scan "mul" ins(%x : memref<9x64x40xi32>) outs(%y : memref<9x64x40xi32>) {reverse, exclusive}
  return
}

// -----

// The running sum of flags says where positions go.
// CHECK-LABEL: @positions
// CHECK: arith.extui %{{.*}} : i1 to i32
// CHECK: arith.cmpi ne
// CHECK: memref.store %{{.*}}, %arg1
func.func @positions(%x: memref<1000xi1>, %y: memref<?xi64>) attributes {tile.kernel} {
  tile.compact ins(%x : memref<1000xi1>) outs(%y : memref<?xi64>)
  return
}
