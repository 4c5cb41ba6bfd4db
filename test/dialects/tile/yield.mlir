// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s

// CHECK-LABEL: @doubled
func.func @doubled(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %r = tile.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x4xf32>) outs(%c : tensor<2x4xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    %d = arith.addf %acc, %acc : f32
    // CHECK: tile.yield %{{.*}}
    tile.yield %d : f32
  } -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}
