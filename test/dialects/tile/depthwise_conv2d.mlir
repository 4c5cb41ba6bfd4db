// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @padded
// CHECK: tile.depthwise_conv2d ins(%{{.*}}, %{{.*}} : tensor<?x?x?x24xf32>, tensor<5x5x32xf32>) outs(%{{.*}} : tensor<?x?x?x24xf32>)
func.func @padded(%x: tensor<?x?x?x24xf32>, %w: tensor<5x5x32xf32>, %y: tensor<?x?x?x24xf32>) -> tensor<?x?x?x24xf32> {
  %r = tile.depthwise_conv2d ins(%x, %w : tensor<?x?x?x24xf32>, tensor<5x5x32xf32>) outs(%y : tensor<?x?x?x24xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 2, 2, 2, 2>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<?x?x?x24xf32>
  return %r : tensor<?x?x?x24xf32>
}

// -----

func.func @channels(%x: memref<1x8x8x24xf32>, %w: memref<3x3x16xf32>, %y: memref<1x8x8x24xf32>) {
  // expected-error @below {{channels of weights: expected at least 24, found 16}}
  tile.depthwise_conv2d ins(%x, %w : memref<1x8x8x24xf32>, memref<3x3x16xf32>) outs(%y : memref<1x8x8x24xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @batch(%x: memref<2x8x8x16xf32>, %w: memref<3x3x16xf32>, %y: memref<1x8x8x16xf32>) {
  // expected-error @below {{images in init: expected 2, found 1}}
  tile.depthwise_conv2d ins(%x, %w : memref<2x8x8x16xf32>, memref<3x3x16xf32>) outs(%y : memref<1x8x8x16xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
