// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @biased
// CHECK: tile.matmul ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64x32xf32>) extras(%{{.*}} : tensor<32xf32>)
// CHECK-SAME: extra_maps = [#{{.*}}]
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: f32):
// CHECK: tile.yield
func.func @biased(%a: tensor<?x64xf32>, %b: tensor<64x32xf32>, %bias: tensor<32xf32>, %c: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %r = tile.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x32xf32>) extras(%bias : tensor<32xf32>)
    outs(%c : tensor<?x32xf32>) attributes {extra_maps = [affine_map<(m, n) -> (n)>]} {
  ^bb0(%acc: f32, %x: f32):
    %s = arith.addf %acc, %x : f32
    tile.yield %s : f32
  } -> tensor<?x32xf32>
  return %r : tensor<?x32xf32>
}

// -----

// CHECK-LABEL: @packed_broadcast
func.func @packed_broadcast(%a: memref<1x5x7xf16>, %b: memref<3x2x7x48xf16>, %c: memref<3x5x90xf32>) {
  tile.matmul ins(%a, %b : memref<1x5x7xf16>, memref<3x2x7x48xf16>) outs(%c : memref<3x5x90xf32>) attributes {packed, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @depths(%a: memref<5x7xf32>, %b: memref<8x9xf32>, %c: memref<5x9xf32>) {
  // expected-error @below {{depths of lhs and rhs differ: 7 and 8}}
  tile.matmul ins(%a, %b : memref<5x7xf32>, memref<8x9xf32>) outs(%c : memref<5x9xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @batch(%a: memref<2x5x7xf32>, %b: memref<7x9xf32>, %c: memref<3x5x9xf32>) {
  // expected-error @below {{lhs: expected a batch dim of 1 or 3, found 2}}
  tile.matmul ins(%a, %b : memref<2x5x7xf32>, memref<7x9xf32>) outs(%c : memref<3x5x9xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @panels(%a: memref<5x7xf32>, %b: memref<2x7x32xf32>, %c: memref<5x90xf32>) {
  // expected-error @below {{panels of rhs and what init's columns need differ: 2 and 3}}
  tile.matmul ins(%a, %b : memref<5x7xf32>, memref<2x7x32xf32>) outs(%c : memref<5x90xf32>) attributes {packed, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @both(%a: memref<5x7xf32>, %b: memref<2x7x32xf32>, %c: memref<5x64xf32>) {
  // expected-error @below {{rhs is either packed or transposed}}
  tile.matmul ins(%a, %b : memref<5x7xf32>, memref<2x7x32xf32>) outs(%c : memref<5x64xf32>) attributes {packed, transposed, extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @extra_map(%a: memref<5x7xf32>, %b: memref<7x9xf32>, %x: memref<9xf32>, %c: memref<5x9xf32>) {
  // expected-error @below {{extra_maps[0]: expected 1 results for an extra of type 'memref<9xf32>', found affine_map<(d0, d1) -> (d0, d1)>}}
  tile.matmul ins(%a, %b : memref<5x7xf32>, memref<7x9xf32>) extras(%x : memref<9xf32>) outs(%c : memref<5x9xf32>)
    attributes {extra_maps = [affine_map<(m, n) -> (m, n)>]} {
  ^bb0(%acc: f32, %e: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @stored_type(%a: memref<5x7xf32>, %b: memref<7x9xf32>, %c: memref<5x9xf16>) {
  // expected-error @below {{expected the region to yield one 'f16'}}
  tile.matmul ins(%a, %b : memref<5x7xf32>, memref<7x9xf32>) outs(%c : memref<5x9xf16>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  }
  return
}
