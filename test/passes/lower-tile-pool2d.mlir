// RUN: tilewright-opt %s -lower-tile-pool2d=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: tilewright-opt %s -lower-tile-pool2d=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

// CHECK: llvm.mlir.global internal constant @lowest_{{.*}}(dense<0xFF800000>
// CHECK-LABEL: @max
// CHECK: scf.forall
// V4: arith.cmpf ogt, %{{.*}} : vector<16xf32>
// V3: arith.cmpf ogt, %{{.*}} : vector<8xf32>
// CHECK-NOT: tile.pool2d
func.func @max(%x: memref<?x?x?x16xf32>, %y: memref<?x?x?x16xf32>) {
  tile.pool2d "max" ins(%x : memref<?x?x?x16xf32>) outs(%y : memref<?x?x?x16xf32>)
    attributes {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// A window of the image's size is a loop.
// CHECK-LABEL: @whole
// CHECK: scf.forall
// CHECK: scf.for
// CHECK: arith.addf {{.*}} : vector
// CHECK: arith.divf {{.*}} : vector
func.func @whole(%x: memref<1x?x?x100xf32>, %y: memref<1x1x1x100xf32>) {
  tile.pool2d "mean" ins(%x : memref<1x?x?x100xf32>) outs(%y : memref<1x1x1x100xf32>)
    attributes {kernel = array<i64: 0, 0>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
