// RUN: tilewright-opt --place-temporaries --canonicalize %s | FileCheck %s
// RUN: tilewright-opt --place-temporaries=stack-bytes=0 --canonicalize %s | FileCheck %s --check-prefix=NOSTACK

// One of unknown size goes into the workspace, before what lowered ops use of it.
// CHECK-LABEL: @dynamic
// CHECK: tile.workspace[%c0] (%[[BYTES:.*]]) : memref<?xi8>
// CHECK-NOT: memref.alloc
// CHECK: tile.workspace[%[[BYTES]]]
func.func @dynamic(%x: memref<?xf32>, %n: index) -> memref<?xi8> {
  %c0 = arith.constant 0 : index
  %t = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %t : memref<?xf32> to memref<?xf32>
  %w = tile.workspace[%c0](%n) : memref<?xi8>
  return %w : memref<?xi8>
}

// A small one goes on the stack.
// CHECK-LABEL: @small
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<4xf32>
// NOSTACK-LABEL: @small
// NOSTACK: tile.workspace
func.func @small(%x: memref<4xf32>) {
  %t = memref.alloc() : memref<4xf32>
  memref.copy %x, %t : memref<4xf32> to memref<4xf32>
  return
}

// What is made inside of points is the thread's own.
// NOSTACK-LABEL: @points
// NOSTACK: scf.forall
// NOSTACK: memref.alloca() {{.*}} : memref<4xf32>
func.func @points(%x: memref<8x4xf32>) {
  scf.forall (%i) in (8) {
    %t = memref.alloc() : memref<4xf32>
    %row = memref.subview %x[%i, 0] [1, 4] [1, 1] : memref<8x4xf32> to memref<4xf32, strided<[1], offset: ?>>
    memref.copy %t, %row : memref<4xf32> to memref<4xf32, strided<[1], offset: ?>>
  } {tile.points}
  return
}
