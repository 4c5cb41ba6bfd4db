// RUN: tilewright-opt --sink-concats --canonicalize %s | FileCheck %s

#map = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>

// What follows a concat is computed for each part, with what belongs to it of other operands.
// CHECK-LABEL: @follows
// CHECK-SAME: %[[A:.*]]: tensor<4x3xf32>, %[[B:.*]]: tensor<4x5xf32>, %[[C:.*]]: tensor<8xf32>
// CHECK: %[[LOW:.*]] = tensor.extract_slice %[[C]][0] [3] [1]
// CHECK: %[[X:.*]] = linalg.generic {{.*}} ins(%[[A]], %[[LOW]] : tensor<4x3xf32>, tensor<3xf32>)
// CHECK: %[[HIGH:.*]] = tensor.extract_slice %[[C]][3] [5] [1]
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} ins(%[[B]], %[[HIGH]] : tensor<4x5xf32>, tensor<5xf32>)
// CHECK: %[[R:.*]] = tensor.concat dim(1) %[[X]], %[[Y]]
// CHECK: return %[[R]]
func.func @follows(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>, %c: tensor<8xf32>) -> tensor<4x8xf32> {
  %x = tensor.concat dim(1) %a, %b : (tensor<4x3xf32>, tensor<4x5xf32>) -> tensor<4x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]} ins(%x, %c : tensor<4x8xf32>, tensor<8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %m = arith.mulf %l, %r : f32
    linalg.yield %m : f32
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// A part without elements is none.
// CHECK-LABEL: @empty
// CHECK-SAME: %[[A:.*]]: tensor<4x0xf32>, %[[B:.*]]: tensor<4x5xf32>
// CHECK: linalg.generic {{.*}} ins(%[[B]] : tensor<4x5xf32>)
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @empty(%a: tensor<4x0xf32>, %b: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %x = tensor.concat dim(1) %a, %b : (tensor<4x0xf32>, tensor<4x5xf32>) -> tensor<4x5xf32>
  %e = tensor.empty() : tensor<4x5xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%l: f32, %o: f32):
    %m = math.absf %l : f32
    linalg.yield %m : f32
  } -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// A body that knows where it is knows where its part begins.
// CHECK-LABEL: @index
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK: %[[I:.*]] = linalg.index 1
// CHECK: affine.apply {{.*}}[%[[I]]]
// CHECK: tensor.concat
func.func @index(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>) -> tensor<4x8xf32> {
  %x = tensor.concat dim(1) %a, %b : (tensor<4x3xf32>, tensor<4x5xf32>) -> tensor<4x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%l: f32, %o: f32):
    %i = linalg.index 1 : index
    %n = arith.index_cast %i : index to i64
    %f = arith.sitofp %n : i64 to f32
    %m = arith.mulf %l, %f : f32
    linalg.yield %m : f32
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// Two concats of the same places: no slice of a concat is left.
// CHECK-LABEL: @both
// CHECK-SAME: %[[A:.*]]: tensor<4x3xf32>, %[[B:.*]]: tensor<4x5xf32>
// CHECK-NOT: extract_slice
// CHECK: linalg.generic {{.*}} ins(%[[A]], %[[A]] :
// CHECK: linalg.generic {{.*}} ins(%[[B]], %[[B]] :
func.func @both(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>) -> tensor<4x8xf32> {
  %x = tensor.concat dim(1) %a, %b : (tensor<4x3xf32>, tensor<4x5xf32>) -> tensor<4x8xf32>
  %z = tensor.concat dim(1) %a, %b : (tensor<4x3xf32>, tensor<4x5xf32>) -> tensor<4x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%x, %z : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %m = arith.mulf %l, %r : f32
    linalg.yield %m : f32
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// A slice of what is cheap, or of what nobody else needs, is computed from slices.
// CHECK-LABEL: @slice
// CHECK-SAME: %[[A:.*]]: tensor<8x4xf32>
// CHECK: %[[S:.*]] = tensor.extract_slice %[[A]][4, 0] [4, 4] [1, 1]
// CHECK: linalg.transpose ins(%[[S]] : tensor<4x4xf32>)
// CHECK: return
func.func @slice(%a: tensor<8x4xf32>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %t = linalg.transpose ins(%a : tensor<8x4xf32>) outs(%e : tensor<4x8xf32>) permutation = [1, 0]
  %s = tensor.extract_slice %t[0, 4] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  return %s : tensor<4x4xf32>
}

// What is expensive and needed as a whole too is not computed twice.
// CHECK-LABEL: @expensive
// CHECK: %[[T:.*]] = linalg.generic
// CHECK: tensor.extract_slice %[[T]]
func.func @expensive(%a: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x4xf32>) {
  %e = tensor.empty() : tensor<4x8xf32>
  %t = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%l: f32, %o: f32):
    %m = math.exp %l : f32
    linalg.yield %m : f32
  } -> tensor<4x8xf32>
  %s = tensor.extract_slice %t[0, 4] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  return %t, %s : tensor<4x8xf32>, tensor<4x4xf32>
}

// So is every second element.
// CHECK-LABEL: @strided
// CHECK-SAME: %[[A:.*]]: tensor<8x4xf32>, %[[C:.*]]: tensor<8xf32>
// CHECK-DAG: %[[S:.*]] = tensor.extract_slice %[[A]][1, 0] [4, 4] [2, 1]
// CHECK-DAG: %[[T:.*]] = tensor.extract_slice %[[C]][1] [4] [2]
// CHECK: linalg.generic {{.*}} ins(%[[S]], %[[T]] : tensor<4x4xf32>, tensor<4xf32>)
// CHECK: return
func.func @strided(%a: tensor<8x4xf32>, %c: tensor<8xf32>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, #row, #map], iterator_types = ["parallel", "parallel"]} ins(%a, %c : tensor<8x4xf32>, tensor<8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %m = arith.mulf %l, %r : f32
    linalg.yield %m : f32
  } -> tensor<4x8xf32>
  %s = tensor.extract_slice %t[0, 1] [4, 4] [1, 2] : tensor<4x8xf32> to tensor<4x4xf32>
  return %s : tensor<4x4xf32>
}

// Not where the body computes with its place.
// CHECK-LABEL: @strided_index
// CHECK: linalg.generic
// CHECK: tensor.extract_slice
func.func @strided_index() -> tensor<4xindex> {
  %e = tensor.empty() : tensor<8xindex>
  %t = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%e : tensor<8xindex>) {
  ^bb0(%o: index):
    %i = linalg.index 0 : index
    linalg.yield %i : index
  } -> tensor<8xindex>
  %s = tensor.extract_slice %t[1] [4] [2] : tensor<8xindex> to tensor<4xindex>
  return %s : tensor<4xindex>
}

// A sum over parts needs them side by side: they are put together in memory.
// CHECK-LABEL: @sum
// CHECK-NOT: tensor.concat
// CHECK: tensor.insert_slice
// CHECK: tensor.insert_slice
// CHECK: linalg.generic
func.func @sum(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>, %i: tensor<4xf32>) -> tensor<4xf32> {
  %x = tensor.concat dim(1) %a, %b : (tensor<4x3xf32>, tensor<4x5xf32>) -> tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#map, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<4x8xf32>) outs(%i : tensor<4xf32>) {
  ^bb0(%l: f32, %o: f32):
    %m = arith.addf %l, %o : f32
    linalg.yield %m : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// A concat that is a result stays one: its parts are computed in their places.
// CHECK-LABEL: @result
// CHECK: tensor.concat
// CHECK: tensor.concat
func.func @result(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>) -> tensor<8x8xf32> {
  %x = tensor.concat dim(1) %a, %b : (tensor<4x3xf32>, tensor<4x5xf32>) -> tensor<4x8xf32>
  %y = tensor.concat dim(0) %x, %x : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
