// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @max
// CHECK: tile.pool2d "max" ins(%{{.*}} : tensor<?x?x?x24xf32>) outs(%{{.*}} : tensor<?x?x?x24xf32>)
func.func @max(%x: tensor<?x?x?x24xf32>, %y: tensor<?x?x?x24xf32>) -> tensor<?x?x?x24xf32> {
  %r = tile.pool2d "max" ins(%x : tensor<?x?x?x24xf32>) outs(%y : tensor<?x?x?x24xf32>)
    attributes {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<?x?x?x24xf32>
  return %r : tensor<?x?x?x24xf32>
}

// -----

func.func @kind(%x: memref<1x8x8x24xf32>, %y: memref<1x4x4x24xf32>) {
  // expected-error @below {{kind: expected max, sum or mean, found median}}
  tile.pool2d "median" ins(%x : memref<1x8x8x24xf32>) outs(%y : memref<1x4x4x24xf32>)
    attributes {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @channels(%x: memref<1x8x8x24xf32>, %y: memref<1x4x4x16xf32>) {
  // expected-error @below {{channels of init: expected 24, found 16}}
  tile.pool2d "max" ins(%x : memref<1x8x8x24xf32>) outs(%y : memref<1x4x4x16xf32>)
    attributes {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
