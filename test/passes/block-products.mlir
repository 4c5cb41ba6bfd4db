// RUN: tilewright-opt %s -split-input-file --block-products | FileCheck %s
// RUN: tilewright-opt %s -split-input-file --block-products=arch=sm_90a | FileCheck %s --check-prefix=SM90
// RUN: tilewright-opt %s -split-input-file --block-products=allow-tf32 | FileCheck %s --check-prefix=TF32

// Blocks of 64 x 64 results; stages by cp.async; tensor-core products in the loop; rows are stored four at a time.
// CHECK: llvm.mlir.global external @tw_shared() {addr_space = 3 : i32, alignment = 128 : i64}
// CHECK-LABEL: @half
// CHECK-NOT: tile.tensor_map
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
//
// On sm_90a three warpgroups: boxes of both sides by one thread, products by two of them; where addresses allow it, else the above.
// SM90: llvm.mlir.global external @tw_shared() {addr_space = 3 : i32, alignment = 1024 : i64}
// SM90-LABEL: @half
// SM90: %[[ADDRESS:.*]] = memref.extract_aligned_pointer_as_index %arg0
// SM90: arith.remui %[[ADDRESS]], %c16
// SM90: %[[FITS:.*]] = arith.andi
// SM90: %[[A:.*]] = tile.tensor_map %arg0 box [64, 64] if %[[FITS]] : memref<128x64xf16> -> !llvm.ptr
// SM90: %[[B:.*]] = tile.tensor_map %arg1 box [64, 32] if %[[FITS]] : memref<64x128xf16> -> !llvm.ptr
// SM90: %[[TRIPS:.*]] = arith.select %[[FITS]], %c1{{.*}}, %c0
// SM90: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (%[[TRIPS]], 2, 2)
// SM90-COUNT-16: nvvm.mbarrier.init
// SM90: nvvm.setmaxregister decrease 40
// SM90: nvvm.elect.sync
// SM90: nvvm.mbarrier.try_wait
// SM90: nvvm.mbarrier.arrive.expect_tx
// SM90: nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %[[A]], {{.*}} box[%{{.*}}, %{{.*}}]
// SM90-COUNT-2: nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %[[B]],
// SM90: nvvm.setmaxregister increase 232
// SM90: nvvm.mbarrier.try_wait
// SM90: nvvm.wgmma.fence.aligned
// SM90-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k16.f32.f16.f16
// SM90: nvvm.wgmma.commit.group.sync.aligned
// SM90: nvvm.wgmma.wait.group.sync.aligned 1
// SM90: nvvm.mbarrier.arrive
// SM90: wgmma.wait_group.sync.aligned 0
// SM90-COUNT-2: nvvm.barrier id =
// SM90: llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xf16>, !llvm.ptr<1>
// SM90: tile.threads = 384
// SM90: nvvm.cp.async.wait.group 1
// SM90: nvvm.fence.proxy
// SM90: nvvm.barrier0
// SM90-COUNT-4: wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16
// SM90: tile.otherwise, tile.shared = {{.*}}, tile.threads = 128
func.func @half(%a: memref<128x64xf16>, %b: memref<64x128xf16>, %c: memref<128x128xf16>) {
  tile.matmul ins(%a, %b : memref<128x64xf16>, memref<64x128xf16>) outs(%c : memref<128x128xf16>) attributes {extra_maps = []} {
    ^bb0(%acc: f32):
      %r = arith.truncf %acc : f32 to f16
      tile.yield %r : f16
    }
  return
}

// -----

// f32 is multiplied as f32, unless it may be rounded.
// TF32-LABEL: @single
// TF32: nvvm.convert.float.to.tf32 {{.*}} {rnd = #nvvm.fp_rnd_mode<rna>}
// TF32: nvvm.mma.sync {{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 8>
// TF32-NOT: math.fma
// CHECK-LABEL: @single
// CHECK: math.fma
// CHECK-NOT: nvvm.mma
// SM90-LABEL: @single
// SM90-NOT: tile.tensor_map
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

// -----

// Boxes of all widths that panels have: 64 columns of one panel, or 16.
// SM90-LABEL: @panels
// SM90: tile.tensor_map %arg1 box [1, 64, 64]
// SM90: tile.tensor_map %arg2 box [1, 64, 16]
func.func @panels(%a: memref<?x64xbf16>, %b: memref<64x64x64xbf16>, %narrow: memref<256x64x16xbf16>, %c: memref<?x4096xbf16>) {
  tile.matmul ins(%a, %b : memref<?x64xbf16>, memref<64x64x64xbf16>) outs(%c : memref<?x4096xbf16>) attributes {extra_maps = [], packed} {
    ^bb0(%acc: f32):
      %r = arith.truncf %acc : f32 to bf16
      tile.yield %r : bf16
    }
  tile.matmul ins(%a, %narrow : memref<?x64xbf16>, memref<256x64x16xbf16>) outs(%c : memref<?x4096xbf16>) attributes {extra_maps = [], packed} {
    ^bb0(%acc: f32):
      %r = arith.truncf %acc : f32 to bf16
      tile.yield %r : bf16
    }
  return
}

// -----

// Rows that do not start at multiples of 16 bytes, and what is no argument of the kernel, have no tensor maps.
// SM90-LABEL: @unaligned
// SM90-NOT: tile.tensor_map
// SM90: nvvm.cp.async.shared
// SM90: wgmma.mma_async
// SM90-NOT: tile.otherwise
func.func @unaligned(%a: memref<128x68xf16>, %b: memref<68x128xf16>, %c: memref<128x128xf16>) {
  tile.matmul ins(%a, %b : memref<128x68xf16>, memref<68x128xf16>) outs(%c : memref<128x128xf16>) attributes {extra_maps = []} {
    ^bb0(%acc: f32):
      %r = arith.truncf %acc : f32 to f16
      tile.yield %r : f16
    }
  %t = memref.alloc() : memref<128x64xf16>
  %w = memref.alloc() : memref<64x128xf16>
  tile.matmul ins(%t, %w : memref<128x64xf16>, memref<64x128xf16>) outs(%c : memref<128x128xf16>) attributes {extra_maps = []} {
    ^bb0(%acc: f32):
      %r = arith.truncf %acc : f32 to f16
      tile.yield %r : f16
    }
  return
}

// -----

// Bytes of either sign, the right side along the depth, in i32.
// CHECK-LABEL: @bytes
// CHECK: nvvm.ldmatrix
// CHECK: nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<u8>, multiplicandBPtxType = #nvvm.mma_type<s8>{{.*}}k = 32
// CHECK: llvm.store %{{.*}} : vector<4xi32>, !llvm.ptr<1>
func.func @bytes(%a: memref<128x64xi8>, %b: memref<128x64xi8>, %c: memref<128x128xi32>) {
  tile.matmul ins(%a, %b : memref<128x64xi8>, memref<128x64xi8>) outs(%c : memref<128x128xi32>)
    attributes {extra_maps = [], transposed, lhs_unsigned} {
    ^bb0(%acc: i32):
      tile.yield %acc : i32
    }
  return
}

// -----

// Four channels of f32 fill a chunk: positions of the window follow each other in a step.
// CHECK-LABEL: @few_channels
// CHECK: math.fma
// CHECK-NOT: tile.conv2d
func.func @few_channels(%x: memref<1x8x8x4xf32>, %w: memref<1x3x3x4x16xf32>, %y: memref<1x6x6x16xf32>) {
  tile.conv2d ins(%x, %w : memref<1x8x8x4xf32>, memref<1x3x3x4x16xf32>) outs(%y : memref<1x6x6x16xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64, extra_maps = []} {
    ^bb0(%acc: f32):
      tile.yield %acc : f32
    }
  return
}
