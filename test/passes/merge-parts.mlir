// RUN: tilewright-opt --merge-parts %s | FileCheck %s

#map = affine_map<(d0, d1) -> (d0, d1)>

// Rotated halves: what both read is read once.
// CHECK-LABEL: @halves
// CHECK-SAME: %[[A:.*]]: tensor<?x4xf32>, %[[B:.*]]: tensor<?x4xf32>
// CHECK: %[[R:.*]]:2 = linalg.generic {{.*}} ins(%[[A]], %[[B]] : tensor<?x4xf32>, tensor<?x4xf32>)
// CHECK: linalg.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK-NOT: linalg.generic
// CHECK: tensor.concat dim(1) %[[R]]#0, %[[R]]#1
func.func @halves(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>, %n: index) -> tensor<?x8xf32> {
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %x = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%a, %b : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %s = arith.subf %l, %r : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %y = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%b, %a : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %s = arith.addf %l, %r : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %z = tensor.concat dim(1) %x, %y : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

// Parts of different sizes, or of sizes that are not known, have loops of their own.
// CHECK-LABEL: @sizes
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK: tensor.concat
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK: tensor.concat
func.func @sizes(%a: tensor<2x3xf32>, %b: tensor<2x5xf32>, %c: tensor<2x?xf32>, %d: tensor<2x?xf32>, %n: index) -> (tensor<2x8xf32>, tensor<2x?xf32>) {
  %e = tensor.empty() : tensor<2x3xf32>
  %f = tensor.empty() : tensor<2x5xf32>
  %g = tensor.empty(%n) : tensor<2x?xf32>
  %x = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) {
  ^bb0(%l: f32, %o: f32):
    linalg.yield %l : f32
  } -> tensor<2x3xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%b : tensor<2x5xf32>) outs(%f : tensor<2x5xf32>) {
  ^bb0(%l: f32, %o: f32):
    linalg.yield %l : f32
  } -> tensor<2x5xf32>
  %z = tensor.concat dim(1) %x, %y : (tensor<2x3xf32>, tensor<2x5xf32>) -> tensor<2x8xf32>
  %u = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%c : tensor<2x?xf32>) outs(%g : tensor<2x?xf32>) {
  ^bb0(%l: f32, %o: f32):
    linalg.yield %l : f32
  } -> tensor<2x?xf32>
  %v = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%d : tensor<2x?xf32>) outs(%g : tensor<2x?xf32>) {
  ^bb0(%l: f32, %o: f32):
    linalg.yield %l : f32
  } -> tensor<2x?xf32>
  %w = tensor.concat dim(1) %u, %v : (tensor<2x?xf32>, tensor<2x?xf32>) -> tensor<2x?xf32>
  return %z, %w : tensor<2x8xf32>, tensor<2x?xf32>
}

// A part that someone else reads stays as it is: the other part may need it.
// CHECK-LABEL: @read
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK: tensor.concat
func.func @read(%a: tensor<2x4xf32>) -> tensor<2x8xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %x = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%l: f32, %o: f32):
    %s = math.exp %l : f32
    linalg.yield %s : f32
  } -> tensor<2x4xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%l: f32, %o: f32):
    %s = arith.negf %l : f32
    linalg.yield %s : f32
  } -> tensor<2x4xf32>
  %z = tensor.concat dim(1) %x, %y : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  return %z : tensor<2x8xf32>
}
