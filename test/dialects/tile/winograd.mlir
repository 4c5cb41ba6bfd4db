// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @f4
// CHECK: tile.winograd ins(%{{.*}}, %{{.*}} : tensor<?x?x?x16xf32>, tensor<36x1x16x16xf32>) outs(%{{.*}} : tensor<?x?x?x10xf32>)
// CHECK-SAME: size = 4 : i64
func.func @f4(%x: tensor<?x?x?x16xf32>, %w: tensor<36x1x16x16xf32>, %y: tensor<?x?x?x10xf32>) -> tensor<?x?x?x10xf32> {
  %r = tile.winograd ins(%x, %w : tensor<?x?x?x16xf32>, tensor<36x1x16x16xf32>) outs(%y : tensor<?x?x?x10xf32>)
    attributes {size = 4 : i64, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<?x?x?x10xf32>
  return %r : tensor<?x?x?x10xf32>
}

// -----

func.func @size(%x: memref<1x8x8x16xf32>, %w: memref<36x1x16x16xf32>, %y: memref<1x8x8x10xf32>) {
  // expected-error @below {{size: expected 2 or 4, found 6}}
  tile.winograd ins(%x, %w : memref<1x8x8x16xf32>, memref<36x1x16x16xf32>) outs(%y : memref<1x8x8x10xf32>)
    attributes {size = 6 : i64, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @products(%x: memref<1x8x8x16xf32>, %w: memref<36x1x16x16xf32>, %y: memref<1x8x8x10xf32>) {
  // expected-error @below {{products of weights: expected 16, found 36}}
  tile.winograd ins(%x, %w : memref<1x8x8x16xf32>, memref<36x1x16x16xf32>) outs(%y : memref<1x8x8x10xf32>)
    attributes {size = 2 : i64, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
