// RUN: tilewright-opt %s --form-points --canonicalize | FileCheck %s

// A sum stays in a register: its start is read once, its end written once.
// CHECK-LABEL: @row_sums
// CHECK: scf.forall (%[[I:.*]]) in (4)
// CHECK: %[[START:.*]] = memref.load %arg1[%[[I]]]
// CHECK: %[[SUM:.*]] = scf.for %[[J:.*]] = {{.*}} iter_args(%[[CARRIED:.*]] = %[[START]])
// CHECK: memref.load %arg0[%[[I]], %[[J]]]
// CHECK: memref.store %[[SUM]], %arg1[%[[I]]]
// CHECK: tile.points
func.func @row_sums(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%a: f32, %s: f32):
    %0 = arith.addf %s, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// What is not read is not loaded; an index is the point's own.
// CHECK-LABEL: @iota
// CHECK: scf.forall (%[[I:.*]]) in (4)
// CHECK-NOT: memref.load
// CHECK: %[[V:.*]] = arith.index_cast %[[I]]
// CHECK: memref.store %[[V]]
func.func @iota(%y: memref<4xi64>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<4xi64>) {
  ^bb0(%s: i64):
    %i = linalg.index 0 : index
    %0 = arith.index_cast %i : index to i64
    linalg.yield %0 : i64
  }
  return
}

// A heavy op with its epilogue.
// CHECK-LABEL: @product
// CHECK: scf.forall (%[[M:.*]], %[[N:.*]]) in (4, 8)
// CHECK: %[[SUM:.*]] = scf.for
// CHECK: math.fma
// CHECK: %[[B:.*]] = memref.load %arg2[%[[N]]]
// CHECK: %[[R:.*]] = arith.addf %[[SUM]], %[[B]]
// CHECK: memref.store %[[R]], %arg3[%[[M]], %[[N]]]
func.func @product(%a: memref<4x16xf32>, %w: memref<1x16x16xf32>, %bias: memref<8xf32>, %c: memref<4x8xf32>) {
  tile.matmul ins(%a, %w : memref<4x16xf32>, memref<1x16x16xf32>) extras(%bias : memref<8xf32>) outs(%c : memref<4x8xf32>)
    attributes {packed, extra_maps = [affine_map<(m, n) -> (n)>]} {
    ^bb0(%acc: f32, %x: f32):
      %s = arith.addf %acc, %x : f32
      tile.yield %s : f32
    }
  return
}
