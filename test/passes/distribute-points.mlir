// RUN: tilewright-opt %s --distribute-points --canonicalize | FileCheck %s

// A grid: each thread takes points at the distance of all threads.
// CHECK-LABEL: @grid
// CHECK-DAG: nvvm.read.ptx.sreg.tid.x
// CHECK-DAG: nvvm.read.ptx.sreg.ctaid.x
// CHECK-DAG: nvvm.read.ptx.sreg.nctaid.x
// CHECK: scf.for %[[P:.*]] = %{{.*}} to %c4096 step
// Numbers of points fit 32 bits.
// CHECK: %[[N:.*]] = arith.index_castui %[[P]] : index to i32
// CHECK: %[[D:.*]] = arith.divui %[[N]], %c64_i32
// CHECK: %[[I:.*]] = arith.index_castui %[[D]] : i32 to index
// CHECK: memref.store %{{.*}}[%[[I]],
func.func @grid(%y: memref<64x64xf32>) attributes {tile.team = "grid", tile.threads = 256 : i64} {
  %v = arith.constant 1.0 : f32
  scf.forall (%i, %j) in (64, 64) {
    memref.store %v, %y[%i, %j] : memref<64x64xf32>
  } {tile.points}
  return
}

// A block: the loop is run by all, points are shared, barriers stand around what depends on each other.
// CHECK-LABEL: @block
// CHECK: %[[TID:.*]] = arith.index_castui
// CHECK: scf.for
// CHECK: nvvm.barrier0
// CHECK: scf.for %{{.*}} = %[[TID]] to %c64 step %c256
// CHECK: nvvm.barrier0
func.func @block(%y: memref<64xf32>, %n: index) attributes {tile.team = "block", tile.threads = 256 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %t = %c0 to %n step %c1 {
    scf.forall (%i) in (64) {
      %v = memref.load %y[%i] : memref<64xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %y[%i] : memref<64xf32>
    } {tile.points}
  }
  return
}

// Other writes are one thread's; what it found reaches the others through shared memory.
// CHECK-LABEL: @alone
// CHECK: %[[SLOTS:.*]] = memref.get_global @alone_slots0 : memref<1xi64, 3>
// CHECK: scf.if
// CHECK: scf.for
// CHECK: memref.store %{{.*}}, %[[SLOTS]][%c0]
// CHECK: nvvm.barrier0
// CHECK: memref.load %[[SLOTS]][%c0]
// CHECK: scf.for
func.func @alone(%y: memref<64xi64>, %n: index) attributes {tile.team = "block", tile.threads = 256 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i64
  %sum = scf.for %t = %c0 to %n step %c1 iter_args(%s = %zero) -> (i64) {
    %v = memref.load %y[%t] : memref<64xi64>
    %next = arith.addi %s, %v : i64
    memref.store %next, %y[%t] : memref<64xi64>
    scf.yield %next : i64
  }
  scf.forall (%i) in (64) {
    memref.store %sum, %y[%i] : memref<64xi64>
  } {tile.points}
  return
}

// The code of a block's threads is there already: only the block's number is split.
// CHECK-LABEL: @blocks
// CHECK: %[[D:.*]] = arith.divui %{{.*}}, %c8_i32
// CHECK: %[[I:.*]] = arith.index_castui %[[D]]
// CHECK-NOT: scf.for
// CHECK: memref.store %{{.*}}[%[[I]],
func.func @blocks(%y: memref<4x8xf32>) attributes {tile.team = "blocks", tile.threads = 128 : i64} {
  %v = arith.constant 1.0 : f32
  scf.forall (%i, %j) in (4, 8) {
    memref.store %v, %y[%i, %j] : memref<4x8xf32>
  } {tile.threads = 128 : i64}
  return
}

// A trip that a warp computes together: 32 threads have its number.
// CHECK-LABEL: @warps
// CHECK: scf.for %[[P:.*]] = %{{.*}} to %c128 step
// CHECK: %[[I:.*]] = arith.divui %[[P]], %c32
// CHECK: memref.store %{{.*}}[%[[I]]]
func.func @warps(%y: memref<4xf32>) attributes {tile.team = "grid", tile.threads = 256 : i64} {
  %v = arith.constant 1.0 : f32
  scf.forall (%i) in (4) {
    memref.store %v, %y[%i] : memref<4xf32>
  } {tile.points, tile.lanes = 32 : i64}
  return
}
