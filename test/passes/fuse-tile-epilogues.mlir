// RUN: tilewright-opt %s --fuse-tile-epilogues | FileCheck %s

#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (n)>
#swapped = affine_map<(m, n) -> (n, m)>

// Bias and activation join the product; the bias becomes an extra, the scalar from outside stays where it is.
// CHECK-LABEL: @bias_relu
// CHECK-SAME: %[[A:.*]]: tensor<?x8xf32>, %[[B:.*]]: tensor<8x6xf32>, %[[X:.*]]: tensor<6xf32>, %[[S:.*]]: f32, %[[C:.*]]: tensor<?x6xf32>, %[[D:.*]]: tensor<?x6xf32>
// CHECK: %[[R:.*]] = tile.matmul ins(%[[A]], %[[B]] : {{.*}}) extras(%[[X]] : tensor<6xf32>) outs(%[[D]] : tensor<?x6xf32>)
// CHECK-SAME: extra_maps = [#{{.*}}]
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[E:.*]]: f32):
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[ACC]], %[[E]] : f32
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[SUM]], %[[S]] : f32
// CHECK-NEXT: tile.yield %[[P]] : f32
// CHECK-NOT: linalg.generic
// CHECK: return %[[R]]
func.func @bias_relu(%a: tensor<?x8xf32>, %b: tensor<8x6xf32>, %x: tensor<6xf32>, %s: f32, %c: tensor<?x6xf32>, %d: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %0 = tile.matmul ins(%a, %b : tensor<?x8xf32>, tensor<8x6xf32>) outs(%c : tensor<?x6xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<?x6xf32>
  %1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %x : tensor<?x6xf32>, tensor<6xf32>) outs(%d : tensor<?x6xf32>) {
  ^bb0(%p: f32, %e: f32, %o: f32):
    %2 = arith.addf %p, %e : f32
    %3 = arith.mulf %2, %s : f32
    linalg.yield %3 : f32
  } -> tensor<?x6xf32>
  return %1 : tensor<?x6xf32>
}

// The stored type may change.
// CHECK-LABEL: @narrowed
// CHECK: tile.matmul {{.*}} outs(%{{.*}} : tensor<4x6xf16>)
// CHECK: arith.truncf
// CHECK-NOT: linalg.generic
func.func @narrowed(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %c: tensor<4x6xf32>, %d: tensor<4x6xf16>) -> tensor<4x6xf16> {
  %0 = tile.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x6xf32>) outs(%c : tensor<4x6xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<4x6xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x6xf32>) outs(%d : tensor<4x6xf16>) {
  ^bb0(%p: f32, %o: f16):
    %2 = arith.truncf %p : f32 to f16
    linalg.yield %2 : f16
  } -> tensor<4x6xf16>
  return %1 : tensor<4x6xf16>
}

// A product with another reader stays as it is; so does one that is read transposed, or compared into booleans.
// CHECK-LABEL: @kept
// CHECK-COUNT-3: linalg.generic
func.func @kept(%a: tensor<6x8xf32>, %b: tensor<8x6xf32>, %c: tensor<6x6xf32>, %d: tensor<6x6xi1>) -> (tensor<6x6xf32>, tensor<6x6xf32>, tensor<6x6xf32>, tensor<6x6xi1>) {
  %0 = tile.matmul ins(%a, %b : tensor<6x8xf32>, tensor<8x6xf32>) outs(%c : tensor<6x6xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<6x6xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<6x6xf32>) outs(%c : tensor<6x6xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = arith.negf %p : f32
    linalg.yield %2 : f32
  } -> tensor<6x6xf32>
  %3 = tile.matmul ins(%a, %b : tensor<6x8xf32>, tensor<8x6xf32>) outs(%c : tensor<6x6xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<6x6xf32>
  %4 = linalg.generic {indexing_maps = [#swapped, #id], iterator_types = ["parallel", "parallel"]}
      ins(%3 : tensor<6x6xf32>) outs(%c : tensor<6x6xf32>) {
  ^bb0(%p: f32, %o: f32):
    %5 = arith.negf %p : f32
    linalg.yield %5 : f32
  } -> tensor<6x6xf32>
  %6 = tile.matmul ins(%a, %b : tensor<6x8xf32>, tensor<8x6xf32>) outs(%c : tensor<6x6xf32>) attributes {extra_maps = []} {
  ^bb0(%acc: f32):
    tile.yield %acc : f32
  } -> tensor<6x6xf32>
  %7 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%6 : tensor<6x6xf32>) outs(%d : tensor<6x6xi1>) {
  ^bb0(%p: f32, %o: i1):
    %8 = arith.cmpf ogt, %p, %p : f32
    linalg.yield %8 : i1
  } -> tensor<6x6xi1>
  return %0, %1, %4, %7 : tensor<6x6xf32>, tensor<6x6xf32>, tensor<6x6xf32>, tensor<6x6xi1>
}
