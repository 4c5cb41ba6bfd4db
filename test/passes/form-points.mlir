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

// What is not read is not loaded; an index is the element's own. Two i64 are 16 bytes: stored at once where they are aligned,
// one by one where not.
// CHECK-LABEL: @iota
// CHECK: scf.forall (%[[I:.*]]) in (2)
// CHECK-NOT: memref.load
// CHECK: scf.if
// CHECK: arith.index_cast
// CHECK: arith.index_cast
// CHECK: vector.store %{{.*}} {alignment = 16 : i64} : memref<4xi64>, vector<2xi64>
// CHECK: else
// CHECK: scf.for
// CHECK: memref.store
func.func @iota(%y: memref<4xi64>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<4xi64>) {
  ^bb0(%s: i64):
    %i = linalg.index 0 : index
    %0 = arith.index_cast %i : index to i64
    linalg.yield %0 : i64
  }
  return
}

// Four floats at once; what does not move along them is loaded once.
// CHECK-LABEL: @scale
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (3, 2)
// CHECK-DAG: vector.load %arg0{{.*}} {alignment = 16 : i64} : memref<3x8xf32>, vector<4xf32>
// CHECK-DAG: memref.load %arg1
// CHECK-COUNT-4: arith.mulf
// CHECK: vector.store
func.func @scale(%x: memref<3x8xf32>, %s: memref<3xf32>, %y: memref<3x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x, %s : memref<3x8xf32>, memref<3xf32>) outs(%y : memref<3x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.mulf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// A transposition is not wide: one side is at a distance.
// CHECK-LABEL: @transpose
// CHECK-NOT: vector.
// CHECK: return
func.func @transpose(%x: memref<8x8xf32>, %y: memref<8x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x8xf32>) outs(%y : memref<8x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  return
}

// A long row is summed by a warp: lanes take turns, then exchange their sums in five steps.
// CHECK-LABEL: @long_rows
// CHECK: %[[LANE:.*]] = arith.index_castui
// CHECK: scf.for %{{.*}} = %[[LANE]] to %c1000 step %c32
// CHECK-COUNT-5: nvvm.shfl.sync
// CHECK: scf.if
// CHECK: memref.load %arg1
// CHECK: arith.addf
// CHECK: memref.store
// CHECK: tile.lanes = 32
func.func @long_rows(%x: memref<4x1000xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<4x1000xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%a: f32, %s: f32):
    %0 = arith.addf %s, %a : f32
    linalg.yield %0 : f32
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

// Channels are neighbours: four of f32 at once where rows are aligned, with the window's place computed once.
// CHECK-LABEL: @pool
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (4, 4, 3)
// CHECK: scf.if
// CHECK: vector.load %arg0{{.*}} {alignment = 16 : i64} : memref<1x8x8x10xf32>, vector<4xf32>
// CHECK: arith.cmpf ogt, %{{.*}} : vector<4xf32>
// CHECK: vector.store %{{.*}} {alignment = 16 : i64} : memref<1x4x4x10xf32>, vector<4xf32>
// CHECK: else
// CHECK: scf.for
// CHECK: memref.store
func.func @pool(%x: memref<1x8x8x10xf32>, %y: memref<1x4x4x10xf32>) {
  tile.pool2d "max" ins(%x : memref<1x8x8x10xf32>) outs(%y : memref<1x4x4x10xf32>)
    attributes {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, extra_maps = []} {
    ^bb0(%acc: f32):
      tile.yield %acc : f32
    }
  return
}
