// RUN: tilewright-opt %s -lower-tile-depthwise-conv2d=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: tilewright-opt %s -lower-tile-depthwise-conv2d=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

// Rows outside of the image are read from a run of zeros.
// CHECK: llvm.mlir.global internal constant @zeros_
// CHECK-LABEL: @padded
// CHECK: scf.forall
// V4: llvm.intr.fmuladd(%{{.*}}) : (vector<16xf32>
// V3: llvm.intr.fmuladd(%{{.*}}) : (vector<8xf32>
// 24 channels are one and a half vectors of 16, three of 8.
// V4: llvm.intr.masked.load
// V3-NOT: llvm.intr.masked.load
// CHECK-NOT: tile.depthwise_conv2d
func.func @padded(%x: memref<1x?x?x24xf32>, %w: memref<3x3x32xf32>, %y: memref<1x?x?x24xf32>) {
  tile.depthwise_conv2d ins(%x, %w : memref<1x?x?x24xf32>, memref<3x3x32xf32>) outs(%y : memref<1x?x?x24xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
