// RUN: tilewright-opt %s -lower-tile-winograd=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: tilewright-opt %s -lower-tile-winograd=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

// CHECK-LABEL: @f4
// Factors and products of a block of tiles: 36 matrices each.
// CHECK: tile.workspace
// CHECK: scf.forall
// Tiles inside of the image are read directly, others partly from zeros.
// CHECK: scf.if
// CHECK: llvm.select
// V4: llvm.intr.fmuladd(%{{.*}}) : (vector<16xf32>
// V3: llvm.intr.fmuladd(%{{.*}}) : (vector<8xf32>
// CHECK: llvm.store
// CHECK-NOT: tile.winograd
func.func @f4(%x: memref<?x?x?x16xf32>, %w: memref<36x1x16x16xf32>, %y: memref<?x?x?x16xf32>) {
  tile.winograd ins(%x, %w : memref<?x?x?x16xf32>, memref<36x1x16x16xf32>) outs(%y : memref<?x?x?x16xf32>)
    attributes {size = 4 : i64, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
