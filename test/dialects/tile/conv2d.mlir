// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @grouped
// CHECK: tile.conv2d ins(%{{.*}}, %{{.*}} : tensor<?x?x?x8xf32>, tensor<2x3x3x4x16xf32>) extras(%{{.*}} : tensor<10xf32>)
// CHECK-SAME: outs(%{{.*}} : tensor<?x?x?x10xf32>)
// CHECK-SAME: group = 2 : i64
func.func @grouped(%x: tensor<?x?x?x8xf32>, %w: tensor<2x3x3x4x16xf32>, %b: tensor<10xf32>, %y: tensor<?x?x?x10xf32>) -> tensor<?x?x?x10xf32> {
  %r = tile.conv2d ins(%x, %w : tensor<?x?x?x8xf32>, tensor<2x3x3x4x16xf32>) extras(%b : tensor<10xf32>) outs(%y : tensor<?x?x?x10xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 2 : i64, extra_maps = [affine_map<(n, y, x, k) -> (k)>]} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    tile.yield %s : f32
  } -> tensor<?x?x?x10xf32>
  return %r : tensor<?x?x?x10xf32>
}

// -----

func.func @panels(%x: memref<1x8x8x8xf32>, %w: memref<2x3x3x8x16xf32>, %y: memref<1x8x8x10xf32>) {
  // expected-error @below {{panels of weights: expected 1, found 2}}
  tile.conv2d ins(%x, %w : memref<1x8x8x8xf32>, memref<2x3x3x8x16xf32>) outs(%y : memref<1x8x8x10xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @channels(%x: memref<1x8x8x9xf32>, %w: memref<1x3x3x8x16xf32>, %y: memref<1x8x8x10xf32>) {
  // expected-error @below {{channels of input: expected 8, found 9}}
  tile.conv2d ins(%x, %w : memref<1x8x8x9xf32>, memref<1x3x3x8x16xf32>) outs(%y : memref<1x8x8x10xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @strides(%x: memref<1x8x8x8xf32>, %w: memref<1x3x3x8x16xf32>, %y: memref<1x8x8x10xf32>) {
  // expected-error @below {{strides: expected values of at least 1, found 0}}
  tile.conv2d ins(%x, %w : memref<1x8x8x8xf32>, memref<1x3x3x8x16xf32>) outs(%y : memref<1x8x8x10xf32>)
    attributes {strides = array<i64: 1, 0>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @rank(%x: memref<8x8x8xf32>, %w: memref<1x3x3x8x16xf32>, %y: memref<1x8x8x10xf32>) {
  // expected-error @below {{expected images of rank 4, found 'memref<8x8x8xf32>' and 'memref<1x8x8x10xf32>'}}
  tile.conv2d ins(%x, %w : memref<8x8x8xf32>, memref<1x3x3x8x16xf32>) outs(%y : memref<1x8x8x10xf32>)
    attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
