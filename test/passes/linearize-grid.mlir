// RUN: tilewright-opt %s -split-input-file --linearize-grid --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @split(
// CHECK-SAME: %[[OUT:.*]]: memref<64xf32>, %[[BEGIN:.*]]: index, %[[END:.*]]: index, %{{.*}}: memref<i8> {llvm.noalias})
func.func @split(%out: memref<64xf32>) attributes {tile.kernel} {
  %cost = arith.constant 2500 : index
  %v = arith.constant 1.0 : f32
  // 64 trips of 2.5 microseconds: 16 blocks of four.
  // CHECK: %[[FROM:.*]] = arith.muli %{{.*}}, %c4
  // CHECK: scf.for %[[T:.*]] = %{{.*}} to %{{.*}} step %c1
  // CHECK: memref.store %{{.*}}, %[[OUT]][%[[T]]]
  scf.forall (%i) in (64) {
    tile.cost %cost
    memref.store %v, %out[%i] : memref<64xf32>
  }
  return
}
// CHECK-LABEL: func.func @split_grid
// CHECK-DAG: %[[BLOCKS:.*]] = arith.constant 16 : index
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[COST:.*]] = arith.constant 160000 : index
// CHECK: return %[[BLOCKS]], %[[BYTES]], %[[COST]]

// -----

// What is outside of the forall runs before it, so one block does everything.
// CHECK-LABEL: func.func @whole(
// CHECK: %[[SOME:.*]] = arith.cmpi slt
// CHECK: scf.if %[[SOME]]
// CHECK: memref.store
// CHECK: scf.forall
func.func @whole(%out: memref<64xf32>, %first: memref<f32>) attributes {tile.kernel} {
  %v = arith.constant 1.0 : f32
  memref.store %v, %first[] : memref<f32>
  scf.forall (%i) in (64) {
    memref.store %v, %out[%i] : memref<64xf32>
  }
  return
}
// CHECK-LABEL: func.func @whole_grid
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: return %[[ONE]],

// -----

// CHECK-LABEL: func.func @scratch(
func.func @scratch(%n: index) attributes {tile.kernel} {
  %v = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : index
  // CHECK: scf.for
  // CHECK: memref.view
  scf.forall (%i) in (8) {
    %w = tile.workspace[%c0](%n) : memref<?xi8>
    %t = memref.view %w[%c0][] : memref<?xi8> to memref<1xf32>
    memref.store %v, %t[%c0] : memref<1xf32>
  }
  return
}
// CHECK-LABEL: func.func @scratch_grid(
// CHECK-SAME: %[[N:.*]]: index)
// CHECK: return %{{.*}}, %[[N]], %{{.*}}

// -----

// The second loop reads what blocks of the first have written, perhaps on other threads: one block does both.
// CHECK-LABEL: func.func @passed_on(
// CHECK: scf.if
// CHECK: scf.forall
// CHECK: scf.forall
func.func @passed_on(%in: memref<64xf32>, %out: memref<64xf32>) attributes {tile.kernel} {
  %t = memref.alloca() : memref<64xf32>
  scf.forall (%i) in (64) {
    %v = memref.load %in[%i] : memref<64xf32>
    memref.store %v, %t[%i] : memref<64xf32>
  }
  %view = memref.expand_shape %t [[0, 1]] output_shape [8, 8] : memref<64xf32> into memref<8x8xf32>
  scf.forall (%i, %j) in (8, 8) {
    %v = memref.load %view[%j, %i] : memref<8x8xf32>
    memref.store %v, %out[%i] : memref<64xf32>
  }
  return
}
// CHECK-LABEL: func.func @passed_on_grid
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: return %[[ONE]],

// -----

// Loops that write different places of one result and read only inputs are split.
// CHECK-LABEL: func.func @pieces(
// CHECK-NOT: scf.if
// CHECK-NOT: scf.forall
func.func @pieces(%in: memref<64xf32>, %out: memref<128xf32>) attributes {tile.kernel} {
  %c64 = arith.constant 64 : index
  scf.forall (%i) in (64) {
    %v = memref.load %in[%i] : memref<64xf32>
    memref.store %v, %out[%i] : memref<128xf32>
  }
  scf.forall (%i) in (64) {
    %v = memref.load %in[%i] : memref<64xf32>
    %j = arith.addi %i, %c64 : index
    memref.store %v, %out[%j] : memref<128xf32>
  }
  return
}
