// RUN: tilewright-opt %s -split-input-file --lower-tile-matmul=cpu=x86-64-v4 --cse | FileCheck %s --check-prefixes=CHECK,V4
// RUN: tilewright-opt %s -split-input-file --lower-tile-matmul=cpu=x86-64-v3 --cse | FileCheck %s --check-prefixes=CHECK,V3
// RUN: tilewright-opt %s -split-input-file --lower-tile-matmul=cpu=x86-64-v2 --cse | FileCheck %s --check-prefixes=CHECK,V2

// Sums stay in registers: 6 rows x 64 columns as carried values of the loop over k, which is unrolled.
// CHECK-LABEL: @packed_static
func.func @packed_static(%a: memref<12x128xf32>, %b: memref<2x128x64xf32>, %c: memref<12x128xf32>) {
  // CHECK: scf.forall (%[[I:.*]], %[[J:.*]]) in (1, 2)
  // CHECK: tile.cost
  // V4: scf.for %[[ROW:.*]] = %{{.*}} to %{{.*}} step %c6
  // V4: %{{.*}}:24 = scf.for %[[K:.*]] = %c0 to %c128 step %c4 iter_args
  // V4-SAME: vector<16xf32>
  // V4-COUNT-4: vector.load %{{.*}}[%[[J]], %[[K]], %{{.*}}] : memref<2x128x64xf32>, vector<16xf32>
  // V4-COUNT-96: vector.fma
  // V4-NOT: vector.fma
  // V4-COUNT-24: vector.store
  // V3: vector.fma {{.*}} : vector<8xf32>
  // x86-64-v2 has no fused multiply-add.
  // V2-NOT: vector.fma
  // V2: arith.mulf {{.*}} : vector<4xf32>
  tile.matmul ins(%a, %b : memref<12x128xf32>, memref<2x128x64xf32>) outs(%c : memref<12x128xf32>) attributes {packed, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// Any number of rows: tiles of balanced height, chosen by a switch; the grid follows from the sizes.
// CHECK-LABEL: @dynamic_rows
// CHECK-SAME: %[[A:.*]]: memref<?x64xf32>
func.func @dynamic_rows(%a: memref<?x64xf32>, %b: memref<1x64x16xf32>, %c: memref<?x16xf32>) {
  // CHECK: memref.dim
  // CHECK: scf.forall
  // CHECK: scf.index_switch
  // CHECK-NEXT: case 1
  // CHECK: default
  tile.matmul ins(%a, %b : memref<?x64xf32>, memref<1x64x16xf32>) outs(%c : memref<?x16xf32>) attributes {packed, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// The epilogue on vectors; columns beyond the last one are masked: everywhere where masks are free (v4), in the last panel
// only elsewhere.
// CHECK-LABEL: @epilogue
func.func @epilogue(%a: memref<4x8xf32>, %b: memref<1x8x32xf32>, %bias: memref<20xf32>, %scale: f32, %c: memref<4x20xf32>) {
  // V4: vector.create_mask
  // V4: vector.maskedload %{{.*}} : memref<20xf32>, vector<16xi1>, vector<16xf32>
  // V4: arith.addf %{{.*}} : vector<16xf32>
  // V4: vector.maskedstore
  // V3: scf.if
  // V3: vector.load %{{.*}} : memref<20xf32>, vector<8xf32>
  // V3: vector.store
  // V3: else
  // V3: vector.maskedstore
  tile.matmul ins(%a, %b : memref<4x8xf32>, memref<1x8x32xf32>) extras(%bias : memref<20xf32>) outs(%c : memref<4x20xf32>)
    attributes {packed, extra_maps = [affine_map<(m, n) -> (n)>]} {
  ^bb0(%acc: f32, %x: f32):
    %0 = arith.addf %acc, %x : f32
    %1 = arith.mulf %0, %scale : f32
    %zero = arith.constant 0.0 : f32
    %2 = arith.cmpf olt, %1, %zero : f32
    %3 = arith.select %2, %zero, %1 : f32
    tile.yield %3 : f32
  }
  return
}

// -----

// One right side for the whole batch: one product with more rows.
// CHECK-LABEL: @collapsed_batch
func.func @collapsed_batch(%a: memref<5x7x8xf32>, %b: memref<1x8x16xf32>, %r: memref<5x7x16xf32>, %c: memref<5x7x16xf32>) {
  // CHECK: memref.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : memref<5x7x8xf32> into memref<35x8xf32>
  // CHECK: scf.forall (%{{.*}}, %{{.*}}) in
  tile.matmul ins(%a, %b : memref<5x7x8xf32>, memref<1x8x16xf32>) extras(%r : memref<5x7x16xf32>) outs(%c : memref<5x7x16xf32>)
    attributes {packed, extra_maps = [affine_map<(b, m, n) -> (b, m, n)>]} {
  ^bb0(%acc: f32, %x: f32):
    %0 = arith.addf %acc, %x : f32
    tile.yield %0 : f32
  }
  return
}

// -----

// The other kinds of right side: panels are copied or transposed into workspace.
// CHECK-LABEL: @transposed
func.func @transposed(%a: memref<2x64x40xf32>, %b: memref<2x64x40xf32>, %c: memref<2x64x64xf32>) {
  // CHECK: scf.forall (%[[B:.*]], %{{.*}}, %{{.*}}) in (2, 1, {{.*}})
  // CHECK: tile.workspace
  // CHECK: vector.shuffle
  tile.matmul ins(%a, %b : memref<2x64x40xf32>, memref<2x64x40xf32>) outs(%c : memref<2x64x64xf32>) attributes {transposed, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// Few rows: read in place.
// CHECK-LABEL: @one_row
func.func @one_row(%a: memref<1x64xf32>, %b: memref<64x64xf32>, %c: memref<1x64xf32>) {
  // CHECK-NOT: tile.workspace
  // V4: vector.load %{{.*}} : memref<64x64xf32>, vector<16xf32>
  tile.matmul ins(%a, %b : memref<1x64xf32>, memref<64x64xf32>) outs(%c : memref<1x64xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// 16-bit floats are summed in f32.
// CHECK-LABEL: @half
func.func @half(%a: memref<8x64xf16>, %b: memref<1x64x64xf16>, %c: memref<8x64xf16>) {
  // CHECK: arith.extf %{{.*}} : vector<{{4|8|16}}xf16> to vector<{{4|8|16}}xf32>
  // CHECK: arith.truncf
  tile.matmul ins(%a, %b : memref<8x64xf16>, memref<1x64x64xf16>) outs(%c : memref<8x64xf16>) attributes {packed, extra_maps = []} {
  ^bb0(%acc: f32):
    %0 = arith.truncf %acc : f32 to f16
    tile.yield %0 : f16
  }
  return
}
