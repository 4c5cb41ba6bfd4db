// RUN: tilewright-opt %s --form-points -verify-diagnostics

func.func @winograd(%x: memref<1x8x8x16xf32>, %w: memref<36x1x16x16xf32>, %y: memref<1x8x8x10xf32>) {
  // expected-error @+1 {{is not computed element by element}}
  tile.winograd ins(%x, %w : memref<1x8x8x16xf32>, memref<36x1x16x16xf32>) outs(%y : memref<1x8x8x10xf32>)
    attributes {size = 4 : i64, pads = array<i64: 1, 1, 1, 1>, extra_maps = []} {
    ^bb0(%acc: f32):
      tile.yield %acc : f32
    }
  return
}
