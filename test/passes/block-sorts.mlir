// RUN: tilewright-opt %s --block-sorts --split-input-file | FileCheck %s

// A line that is one piece: the results are written by the block that sorts it.
// CHECK: llvm.mlir.global external @tw_shared
// CHECK-LABEL: @short
// CHECK-NOT: memref.alloc
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (4, 1, 1)
// CHECK: nvvm.barrier0
// CHECK: memref.store %{{.*}}, %arg1
// CHECK: memref.store %{{.*}}, %arg2
// CHECK: tile.shared = 8192 : i64, tile.threads = 256
// CHECK-NOT: scf.forall
func.func @short(%x: memref<4x1000x1xf32>, %a: memref<4x5x1xf32>, %b: memref<4x5x1xi64>) attributes {tile.kernel} {
  tile.sort ins(%x : memref<4x1000x1xf32>) outs(%a, %b : memref<4x5x1xf32>, memref<4x5x1xi64>) {descending}
  return
}

// -----

// 49 pieces, of which 50 records stay each; 7 runs, then one.
// CHECK-LABEL: @long
// CHECK: memref.alloc() : memref<1x2450xi64>
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 49, 1)
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 2450, 1)
// CHECK: scf.while
// CHECK: tile.points
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 350, 1)
// CHECK: memref.store %{{.*}}, %arg1
// CHECK: tile.points
// CHECK-NOT: scf.forall
func.func @long(%x: memref<1x100000x1xf32>, %a: memref<1x50x1xf32>, %b: memref<1x50x1xi64>) attributes {tile.kernel} {
  tile.sort ins(%x : memref<1x100000x1xf32>) outs(%a, %b : memref<1x50x1xf32>, memref<1x50x1xi64>) {descending}
  return
}

// -----

// Keys of 64 bits have their places behind them: 12 bytes a record.
// CHECK-LABEL: @longs
// CHECK: tile.shared = 768 : i64, tile.threads = 32
func.func @longs(%x: memref<4x10x1xi64>, %a: memref<4x10x1xi64>, %b: memref<4x10x1xi64>) attributes {tile.kernel} {
  tile.sort ins(%x : memref<4x10x1xi64>) outs(%a, %b : memref<4x10x1xi64>, memref<4x10x1xi64>)
  return
}
