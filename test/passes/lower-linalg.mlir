// RUN: tilewright-opt %s --lower-linalg | FileCheck %s

// The sum stays in a register and may be taken in vectors.
// CHECK-LABEL: @sum
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<4x8xf32>, %[[S:[a-z0-9]+]]: memref<4xf32>
func.func @sum(%x: memref<4x8xf32>, %s: memref<4xf32>) {
  // CHECK: scf.for %[[I:.*]] = %c0 to %c4
  // CHECK: %[[INIT:.*]] = memref.load %[[S]][%[[I]]]
  // CHECK: %[[R:.*]] = scf.for %[[J:.*]] = %c0{{.*}} to %c8{{.*}} iter_args(%[[ACC:.*]] = %[[INIT]])
  // CHECK: %[[V:.*]] = memref.load %[[X]][%[[I]], %[[J]]]
  // CHECK: arith.addf %[[V]], %[[ACC]] fastmath<reassoc,contract>
  // CHECK-NOT: memref.store
  // CHECK: scf.yield
  // CHECK: memref.store %[[R]], %[[S]][%[[I]]]
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<4x8xf32>) outs(%s : memref<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.addf %a, %o : f32
    linalg.yield %v : f32
  }
  return
}

// The innermost loop is parallel: nothing to reassociate.
// CHECK-LABEL: @columns
func.func @columns(%x: memref<4x8xf32>, %s: memref<8xf32>) {
  // CHECK: arith.addf
  // CHECK-NOT: fastmath
  // CHECK: memref.store
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]} ins(%x : memref<4x8xf32>) outs(%s : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.addf %a, %o : f32
    linalg.yield %v : f32
  }
  return
}
