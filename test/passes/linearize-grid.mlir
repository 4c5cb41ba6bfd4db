// RUN: tilewright-opt %s -split-input-file --linearize-grid --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @split(
// CHECK-SAME: %[[OUT:.*]]: memref<64xf32>, %[[BEGIN:.*]]: index, %[[END:.*]]: index, %{{.*}}: memref<i8> {llvm.noalias}, %{{.*}}: memref<i8> {llvm.noalias})
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
// CHECK-DAG: %[[PHASES:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[COST:.*]] = arith.constant 160000 : index
// CHECK: return %[[BYTES]], %[[BYTES]], %[[PHASES]], %[[BLOCKS]], %[[COST]] :

// -----

// What is outside of the forall is a block of its own, in a phase before what depends on it.
// CHECK-LABEL: func.func @serial(
// CHECK-NOT: scf.if
// CHECK: scf.for
// CHECK-NEXT: memref.store %{{.*}}, %arg1[]
// CHECK: scf.for
// CHECK-NEXT: memref.load %arg1[]
func.func @serial(%out: memref<64xf32>, %first: memref<f32>) attributes {tile.kernel} {
  %cost = arith.constant 700 : index
  %v = arith.constant 1.0 : f32
  tile.cost %cost
  memref.store %v, %first[] : memref<f32>
  scf.forall (%i) in (64) {
    %w = memref.load %first[] : memref<f32>
    memref.store %w, %out[%i] : memref<64xf32>
  }
  return
}
// CHECK-LABEL: func.func @serial_grid
// CHECK-DAG: %[[COST:.*]] = arith.constant 701 : index
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[TWO:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[TRIPS:.*]] = arith.constant 64 : index
// CHECK: return %[[NONE]], %[[NONE]], %[[TWO]], %[[ONE]], %[[COST]], %[[ONE]], %[[TRIPS]] :

// -----

// A number from memory is not at hand in another phase: one block does everything.
// CHECK-LABEL: func.func @whole(
// CHECK: %[[SOME:.*]] = arith.cmpi slt
// CHECK: scf.if %[[SOME]]
// CHECK: memref.load
// CHECK: scf.forall
func.func @whole(%out: memref<64xf32>, %first: memref<f32>) attributes {tile.kernel} {
  %v = memref.load %first[] : memref<f32>
  scf.forall (%i) in (64) {
    memref.store %v, %out[%i] : memref<64xf32>
  }
  return
}
// CHECK-LABEL: func.func @whole_grid
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: return %{{.*}}, %{{.*}}, %[[ONE]], %[[ONE]],

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
// CHECK: return %[[N]],

// -----

// The second loop reads what blocks of the first have written, perhaps on other threads: it is a phase of its own, and what lies
// between them is memory of the launch.
// CHECK-LABEL: func.func @passed_on(
// CHECK-SAME: %[[WORKSPACE:[a-z0-9]*]]: memref<i8> {llvm.noalias}, %[[SHARED:[a-z0-9]*]]: memref<i8> {llvm.noalias})
// CHECK: memref.reinterpret_cast %[[SHARED]]
// CHECK-NOT: %[[WORKSPACE]]
// CHECK-NOT: scf.if
// CHECK-COUNT-2: scf.for
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
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 256 : index
// CHECK-DAG: %[[TWO:.*]] = arith.constant 2 : index
// CHECK: return %[[NONE]], %[[BYTES]], %[[TWO]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} :

// -----

// Each thread has its own of what one loop alone uses, and addresses taken inside of a loop are used there.
// CHECK-LABEL: func.func @own(
// CHECK-SAME: %[[WORKSPACE:[a-z0-9]*]]: memref<i8> {llvm.noalias}, %[[SHARED:[a-z0-9]*]]: memref<i8> {llvm.noalias})
// CHECK-DAG: memref.reinterpret_cast %[[SHARED]] to offset: [0], sizes: [64]
// CHECK-DAG: memref.reinterpret_cast %[[SHARED]] to offset: [0], sizes: [128]
// CHECK-DAG: memref.reinterpret_cast %[[WORKSPACE]] to offset: [0], sizes: [128]
func.func @own(%in: memref<8xf32>, %out: memref<8xf32>) attributes {tile.kernel} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %small = memref.alloca() : memref<8xindex>
  %passed = tile.workspace[%c0](%c64) : memref<?xi8>
  %own = tile.workspace[%c64](%c64) : memref<?xi8>
  %t = memref.view %passed[%c0][] : memref<?xi8> to memref<8xindex>
  %o = memref.view %own[%c0][] : memref<?xi8> to memref<8xindex>
  scf.forall (%i) in (8) {
    %address = memref.extract_aligned_pointer_as_index %in : memref<8xf32> -> index
    memref.store %address, %o[%i] : memref<8xindex>
    %again = memref.load %o[%i] : memref<8xindex>
    memref.store %again, %t[%i] : memref<8xindex>
    memref.store %i, %small[%i] : memref<8xindex>
  }
  scf.forall (%i) in (8) {
    %address = memref.load %t[%i] : memref<8xindex>
    %place = memref.load %small[%i] : memref<8xindex>
    %sum = arith.addi %address, %place : index
    %bits = arith.index_cast %sum : index to i32
    %v = arith.bitcast %bits : i32 to f32
    memref.store %v, %out[%i] : memref<8xf32>
  }
  return
}

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
