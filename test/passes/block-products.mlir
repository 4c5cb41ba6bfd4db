// RUN: tilewright-opt %s -split-input-file --block-products | FileCheck %s

// Blocks of 64 x 64 results; stages by cp.async; tensor-core products in the loop; rows are stored four at a time.
// CHECK: llvm.mlir.global external @tw_shared() {addr_space = 3 : i32, alignment = 128 : i64}
// CHECK-LABEL: @half
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 2, 2)
// CHECK: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.commit.group
// CHECK: scf.for
// CHECK: nvvm.cp.async.wait.group 1
// CHECK: nvvm.barrier0
// CHECK-COUNT-4: nvvm.ldmatrix
// CHECK: nvvm.mma.sync
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xf16>, !llvm.ptr<1>
// CHECK: tile.shared = {{.*}}, tile.threads = 128
func.func @half(%a: memref<128x64xf16>, %b: memref<64x128xf16>, %c: memref<128x128xf16>) {
  tile.matmul ins(%a, %b : memref<128x64xf16>, memref<64x128xf16>) outs(%c : memref<128x128xf16>) attributes {extra_maps = []} {
    ^bb0(%acc: f32):
      %r = arith.truncf %acc : f32 to f16
      tile.yield %r : f16
    }
  return
}

// -----

// f32 is multiplied as f32.
// CHECK-LABEL: @single
// CHECK: math.fma
// CHECK-NOT: nvvm.mma
func.func @single(%a: memref<128x64xf32>, %b: memref<64x128xf32>, %c: memref<128x128xf32>) {
  tile.matmul ins(%a, %b : memref<128x64xf32>, memref<64x128xf32>) outs(%c : memref<128x128xf32>) attributes {extra_maps = []} {
    ^bb0(%acc: f32):
      tile.yield %acc : f32
    }
  return
}

// -----

// One column is no tile.
// CHECK-LABEL: @narrow
// CHECK: tile.matmul
func.func @narrow(%a: memref<128x64xf32>, %b: memref<64x1xf32>, %c: memref<128x1xf32>) {
  tile.matmul ins(%a, %b : memref<128x64xf32>, memref<64x1xf32>) outs(%c : memref<128x1xf32>) attributes {extra_maps = []} {
    ^bb0(%acc: f32):
      tile.yield %acc : f32
    }
  return
}

// -----

// One tile and a long sum: sixteen blocks have 16 of its 256 steps each; what they leave is added in order and finished.
// CHECK-LABEL: @long_sum
// CHECK: %[[PARTS:.*]] = memref.alloc() : memref<16x32x32xf32>
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (16, 1, 1)
// CHECK: scf.forall (%[[M:.*]], %[[N:.*]]) in (32, 32)
// CHECK: %[[FIRST:.*]] = memref.load %[[PARTS]][%c0{{.*}}, %[[M]], %[[N]]]
// CHECK: %[[SECOND:.*]] = memref.load %[[PARTS]][%c1{{.*}}, %[[M]], %[[N]]]
// CHECK: arith.addf %[[FIRST]], %[[SECOND]]
// CHECK-COUNT-14: arith.addf
// CHECK: %[[MORE:.*]] = memref.load %arg2[%[[N]]]
// CHECK: %[[RESULT:.*]] = arith.addf %{{.*}}, %[[MORE]]
// CHECK: memref.store %[[RESULT]], %arg3[%[[M]], %[[N]]]
// CHECK: tile.points
func.func @long_sum(%a: memref<32x4096xf32>, %b: memref<4096x32xf32>, %bias: memref<32xf32>, %c: memref<32x32xf32>) {
  tile.matmul ins(%a, %b : memref<32x4096xf32>, memref<4096x32xf32>) extras(%bias : memref<32xf32>) outs(%c : memref<32x32xf32>)
    attributes {extra_maps = [affine_map<(m, n) -> (n)>]} {
    ^bb0(%acc: f32, %x: f32):
      %s = arith.addf %acc, %x : f32
      tile.yield %s : f32
    }
  return
}
