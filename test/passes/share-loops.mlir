// RUN: tilewright-opt %s --share-loops --split-input-file | FileCheck %s

// A copy is for all threads.
// CHECK-LABEL: @copy
// CHECK-NOT: scf.for
// CHECK: scf.forall (%[[I:.*]], %[[J:.*]]) in (4, %arg2)
// CHECK: %[[X:.*]] = memref.load %arg0[%[[J]], %[[I]]]
// CHECK: memref.store %[[X]], %arg1[%[[I]], %[[J]]]
// CHECK: tile.points
func.func @copy(%x: memref<?x4xf32>, %y: memref<4x?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      %0 = memref.load %x[%j, %i] : memref<?x4xf32>
      memref.store %0, %y[%i, %j] : memref<4x?xf32>
    }
  }
  return
}

// -----

// What is done in place inside of a loop that is in order, too; a few trips stay.
// CHECK-LABEL: @in_place
// CHECK: scf.for
// CHECK: scf.forall (%[[I:.*]]) in (100)
// CHECK: scf.for %{{.*}} = %c0 to %c4
func.func @in_place(%x: memref<100xf32>, %y: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c100 = arith.constant 100 : index
  scf.for %k = %c0 to %n step %c1 {
    scf.for %i = %c0 to %c100 step %c1 {
      %0 = memref.load %x[%i] : memref<100xf32>
      %1 = arith.addf %0, %0 : f32
      memref.store %1, %x[%i] : memref<100xf32>
    }
    scf.for %i = %c0 to %c4 step %c1 {
      %0 = memref.load %x[%i] : memref<100xf32>
      memref.store %0, %y[%i] : memref<4xf32>
    }
  }
  return
}

// -----

// A neighbour's element, the same element, an element that memory chooses, a view: in order.
// CHECK-LABEL: @in_order
// CHECK-NOT: scf.forall
func.func @in_order(%x: memref<100xf32>, %p: memref<100xindex>, %y: memref<100xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c99 = arith.constant 99 : index
  scf.for %i = %c0 to %c99 step %c1 {
    %n = arith.addi %i, %c1 : index
    %0 = memref.load %x[%n] : memref<100xf32>
    memref.store %0, %x[%i] : memref<100xf32>
  }
  scf.for %i = %c0 to %c99 step %c1 {
    %0 = memref.load %x[%i] : memref<100xf32>
    memref.store %0, %y[%c0] : memref<100xf32>
  }
  scf.for %i = %c0 to %c99 step %c1 {
    %0 = memref.load %x[%i] : memref<100xf32>
    %n = memref.load %p[%i] : memref<100xindex>
    memref.store %0, %y[%n] : memref<100xf32>
  }
  %v = memref.subview %x[1] [99] [1] : memref<100xf32> to memref<99xf32, strided<[1], offset: 1>>
  scf.for %i = %c0 to %c99 step %c1 {
    %0 = memref.load %x[%i] : memref<100xf32>
    memref.store %0, %v[%i] : memref<99xf32, strided<[1], offset: 1>>
  }
  return
}

// -----

// An inner loop whose length is the outer's index: only the outer one is shared.
// CHECK-LABEL: @triangle
// CHECK: scf.forall (%[[I:.*]]) in (100)
// CHECK: scf.for %{{.*}} = %c0 to %[[I]]
func.func @triangle(%y: memref<100x100xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  %cst = arith.constant 1.0 : f32
  scf.for %i = %c0 to %c100 step %c1 {
    scf.for %j = %c0 to %i step %c1 {
      memref.store %cst, %y[%i, %j] : memref<100x100xf32>
    }
  }
  return
}

// -----

// A scatter: what is added to one row is added in order; columns are shared.
// CHECK-LABEL: @scatter
// CHECK: scf.forall (%[[J:.*]]) in (50)
// CHECK: scf.for %[[I:.*]] = %c0 to %arg3
// CHECK: %[[R:.*]] = memref.load %arg1[%[[I]], %[[J]]]
// CHECK: memref.load %arg2[%[[R]], %[[J]]]
// CHECK: memref.store %{{.*}}, %arg2[%[[R]], %[[J]]]
func.func @scatter(%x: memref<?x50xf32>, %p: memref<?x50xindex>, %y: memref<100x50xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c50 = arith.constant 50 : index
  scf.for %i = %c0 to %n step %c1 {
    scf.for %j = %c0 to %c50 step %c1 {
      %r = memref.load %p[%i, %j] : memref<?x50xindex>
      %0 = memref.load %x[%i, %j] : memref<?x50xf32>
      %1 = memref.load %y[%r, %j] : memref<100x50xf32>
      %2 = arith.addf %0, %1 : f32
      memref.store %2, %y[%r, %j] : memref<100x50xf32>
    }
  }
  return
}
