// RUN: tilewright-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s

// The product is written where it is wanted, with no copy and no allocation.
// CHECK-LABEL: @into_destination
// CHECK-SAME: %[[A:.*]]: memref<4x8xf32>, %[[B:.*]]: memref<8x6xf32>, %[[X:.*]]: memref<6xf32>, %[[C:.*]]: memref<4x6xf32>
// CHECK-NEXT: tile.matmul ins(%[[A]], %[[B]] : memref<4x8xf32>, memref<8x6xf32>) extras(%[[X]] : memref<6xf32>) outs(%[[C]] : memref<4x6xf32>)
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
func.func @into_destination(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %x: tensor<6xf32>, %c: tensor<4x6xf32> {bufferization.writable = true}) -> tensor<4x6xf32> {
  %r = tile.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x6xf32>) extras(%x : tensor<6xf32>) outs(%c : tensor<4x6xf32>)
    attributes {extra_maps = [affine_map<(m, n) -> (n)>]} {
  ^bb0(%acc: f32, %e: f32):
    %s = arith.addf %acc, %e : f32
    tile.yield %s : f32
  } -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// An input that is also the destination is read while it is written: it is copied.
// CHECK-LABEL: @square_in_place
// CHECK: memref.alloc
// CHECK: tile.matmul
func.func @square_in_place(%a: tensor<4x4xf32> {bufferization.writable = true}) -> tensor<4x4xf32> {
  %r = tile.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%a : tensor<4x4xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
