// RUN: tilewright-opt %s -split-input-file --block-attention | FileCheck %s

// Blocks of 64 queries. While scores are computed, values are on their way; while values are added, the next keys.
// Probabilities go from registers into the second product.
// CHECK: llvm.mlir.global external @tw_shared() {addr_space = 3 : i32, alignment = 128 : i64}
// CHECK-LABEL: @half
// CHECK-NOT: memref.alloc
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) in (2, 4, 3, 1, 1)
// CHECK: nvvm.cp.async.shared.global
// CHECK: scf.for {{.*}} iter_args
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: nvvm.barrier0
// CHECK: nvvm.cp.async.shared.global
// CHECK: nvvm.ldmatrix
// CHECK: nvvm.mma.sync
// CHECK: nvvm.shfl.sync bfly
// CHECK: "llvm.nvvm.ex2.approx.ftz.f32"
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: nvvm.barrier0
// CHECK: nvvm.cp.async.shared.global
// CHECK: "llvm.nvvm.ff2f16x2.rn"
// CHECK-NOT: llvm.store
// CHECK: nvvm.mma.sync
// CHECK: arith.divf
// CHECK-NOT: memref.alloc
// CHECK: tile.shared = 27648 : i64, tile.threads = 128 : i64
func.func @half(%q: memref<2x4x130x64xf16>, %k: memref<2x2x200x64xf16>, %v: memref<2x2x200x64xf16>, %y: memref<2x4x130x64xf16>) {
  tile.attention ins(%q, %k, %v : memref<2x4x130x64xf16>, memref<2x2x200x64xf16>, memref<2x2x200x64xf16>)
    outs(%y : memref<2x4x130x64xf16>) {scale = 0.125 : f32, causal}
  return
}

// -----

// f32 is multiplied as f32; few queries are a block of their own size; sizes may be known at run time only.
// CHECK-LABEL: @single
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}}, 4, 1, 1, %{{.*}})
// CHECK: math.fma
// CHECK-NOT: nvvm.mma
// CHECK: tile.threads = 256 : i64
func.func @single(%q: memref<?x4x9x40xf32>, %k: memref<?x4x?x40xf32>, %v: memref<?x4x?x24xf32>, %m: memref<1x1x9x?xi1>,
                  %y: memref<?x4x9x24xf32>) {
  tile.attention ins(%q, %k, %v : memref<?x4x9x40xf32>, memref<?x4x?x40xf32>, memref<?x4x?x24xf32>)
    mask(%m : memref<1x1x9x?xi1>) outs(%y : memref<?x4x9x24xf32>) {scale = 1.0 : f32}
  return
}

// -----

// Large heads have smaller blocks, and results of many components several.
// CHECK-LABEL: @large
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) in (1, 1, 3, 2, 1)
func.func @large(%q: memref<1x1x70x512xf32>, %k: memref<1x1x70x512xf32>, %v: memref<1x1x70x512xf32>, %y: memref<1x1x70x512xf32>) {
  tile.attention ins(%q, %k, %v : memref<1x1x70x512xf32>, memref<1x1x70x512xf32>, memref<1x1x70x512xf32>)
    outs(%y : memref<1x1x70x512xf32>) {scale = 1.0 : f32}
  return
}

// -----

// Few queries: blocks share the keys and leave what they have, which is merged. Parts are of results, not of scores.
// CHECK-LABEL: @shared
// CHECK: %[[PARTS:.*]] = memref.alloc() : memref<8x1x32x1x132xf32>
// CHECK-NOT: memref.alloc
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[PART:.*]]) in (1, 32, 1, 1, 8)
// CHECK: tile.threads = 32 : i64
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) in (1, 32, 1, 128)
// CHECK: scf.for
// CHECK: arith.maxnumf
// CHECK: scf.for
// CHECK: "llvm.nvvm.ex2.approx.ftz.f32"
// CHECK: memref.store {{.*}} : memref<1x32x1x128xf16>
// CHECK: tile.points
func.func @shared(%q: memref<1x32x1x128xf16>, %k: memref<1x8x4096x128xf16>, %v: memref<1x8x4096x128xf16>, %y: memref<1x32x1x128xf16>) {
  tile.attention ins(%q, %k, %v : memref<1x32x1x128xf16>, memref<1x8x4096x128xf16>, memref<1x8x4096x128xf16>)
    outs(%y : memref<1x32x1x128xf16>) {scale = 0.125 : f32}
  return
}

// -----

// An offset that is known as a number does not go through memory, which would be a launch.
// CHECK-LABEL: @offset
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.store
// CHECK: scf.forall
func.func @offset(%q: memref<1x1x16x16xf16>, %k: memref<1x1x32x16xf16>, %n: i64, %y: memref<1x1x16x16xf16>) {
  %c0 = arith.constant 0 : index
  %o = memref.alloc() : memref<1xi64>
  memref.store %n, %o[%c0] : memref<1xi64>
  tile.attention ins(%q, %k, %k : memref<1x1x16x16xf16>, memref<1x1x32x16xf16>, memref<1x1x32x16xf16>)
    offsets(%o : memref<1xi64>) outs(%y : memref<1x1x16x16xf16>) {scale = 0.25 : f32, causal}
  return
}
