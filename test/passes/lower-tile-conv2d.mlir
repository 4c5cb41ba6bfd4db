// RUN: tilewright-opt %s -lower-tile-conv2d=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: tilewright-opt %s -lower-tile-conv2d=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: not tilewright-opt %s -lower-tile-conv2d=cpu=z80 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: --cpu: expected one of native, x86-64-v2, x86-64-v3, x86-64-v4, found 'z80'

// What lies outside of the image is read from zeros.
// CHECK: llvm.mlir.global internal constant @zeros_20(dense<0.000000e+00>
// CHECK-LABEL: @padded
// CHECK: scf.forall
// A tile of pixels; then one of what is left of 81 of them.
// CHECK: scf.for
// CHECK: llvm.select %{{.*}}, %{{.*}}, %{{.*}} : i1, !llvm.ptr
// V4: llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
// V3: llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> vector<8xf32>
// V4: llvm.intr.fmuladd(%{{.*}}) : (vector<16xf32>, vector<16xf32>, vector<16xf32>) -> vector<16xf32>
// V3: llvm.intr.fmuladd(%{{.*}}) : (vector<8xf32>, vector<8xf32>, vector<8xf32>) -> vector<8xf32>
// The epilogue, on vectors.
// CHECK: arith.addf {{.*}} : vector
// 20 output channels are not whole vectors.
// CHECK: llvm.intr.masked.store
// CHECK-NOT: tile.conv2d
func.func @padded(%x: memref<1x9x9x20xf32>, %w: memref<1x3x3x20x32xf32>, %b: memref<20xf32>, %y: memref<1x9x9x20xf32>) {
  tile.conv2d ins(%x, %w : memref<1x9x9x20xf32>, memref<1x3x3x20x32xf32>) extras(%b : memref<20xf32>) outs(%y : memref<1x9x9x20xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64, extra_maps = [affine_map<(n, y, x, k) -> (k)>]} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    tile.yield %s : f32
  }
  return
}

// Without padding nothing is selected.
// CHECK-LABEL: @inside
// CHECK-NOT: llvm.select
// CHECK: return
func.func @inside(%x: memref<?x?x?x16xf32>, %w: memref<1x1x1x16x16xf32>, %y: memref<?x?x?x16xf32>) {
  tile.conv2d ins(%x, %w : memref<?x?x?x16xf32>, memref<1x1x1x16x16xf32>) outs(%y : memref<?x?x?x16xf32>)
    attributes {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// Other types than f32: scalar loops.
// CHECK-LABEL: @bytes
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (1, 4)
// CHECK-COUNT-2: scf.for
// CHECK: arith.extui %{{.*}} : i8 to i32
// CHECK: arith.extsi %{{.*}} : i8 to i32
// CHECK: arith.muli
// CHECK-NOT: tile.conv2d
func.func @bytes(%x: memref<1x4x4x16xi8>, %w: memref<8x1x1x16x1xi8>, %y: memref<1x4x4x8xi32>) {
  tile.conv2d ins(%x, %w : memref<1x4x4x16xi8>, memref<8x1x1x16x1xi8>) outs(%y : memref<1x4x4x8xi32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64, extra_maps = [], input_unsigned} {
  ^bb0(%acc: i32):
    tile.yield %acc : i32
  }
  return
}
