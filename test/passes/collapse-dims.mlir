// RUN: tilewright-opt %s --collapse-dims --canonicalize | FileCheck %s

#id = affine_map<(n, c, h, w) -> (n, c, h, w)>
#channel = affine_map<(n, c, h, w) -> (0, c, 0, 0)>

// A bias per channel keeps c apart from h and w.
// CHECK-LABEL: @bias
func.func @bias(%x: tensor<?x64x7x7xf32>, %b: tensor<1x64x1x1xf32>, %e: tensor<?x64x7x7xf32>) -> tensor<?x64x7x7xf32> {
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel"]}
  // CHECK-SAME: tensor<?x64x49xf32>, tensor<64xf32>
  %0 = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %b : tensor<?x64x7x7xf32>, tensor<1x64x1x1xf32>) outs(%e : tensor<?x64x7x7xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %v = arith.addf %a, %c : f32
    linalg.yield %v : f32
  } -> tensor<?x64x7x7xf32>
  return %0 : tensor<?x64x7x7xf32>
}

// The producer could be one loop, but its consumer reduces the last dim: both keep it apart.
// CHECK-LABEL: @agree
func.func @agree(%x: tensor<2x3x8xf32>, %e: tensor<2x3x8xf32>, %s: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} {{.*}} outs(%{{.*}} : tensor<6x8xf32>)
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} {{.*}} outs(%{{.*}} : tensor<6xf32>)
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<2x3x8xf32>) outs(%e : tensor<2x3x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = math.exp %a : f32
    linalg.yield %v : f32
  } -> tensor<2x3x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0 : tensor<2x3x8xf32>) outs(%s : tensor<2x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.addf %a, %o : f32
    linalg.yield %v : f32
  } -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// Rows that lie apart in memory stay rows: as one dim they would have to be copied.
// CHECK-LABEL: @slice
func.func @slice(%x: tensor<?x4x6xf32>, %n: index, %e: tensor<?x1x6xf32>) -> tensor<?x1x6xf32> {
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%{{.*}} : tensor<?x6xf32>)
  %s = tensor.extract_slice %x[0, 3, 0] [%n, 1, 6] [1, 1, 1] : tensor<?x4x6xf32> to tensor<?x1x6xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<?x1x6xf32>) outs(%e : tensor<?x1x6xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = math.exp %a : f32
    linalg.yield %v : f32
  } -> tensor<?x1x6xf32>
  return %0 : tensor<?x1x6xf32>
}

// Whole rows lie together.
// CHECK-LABEL: @rows
func.func @rows(%x: tensor<9x4x6xf32>, %e: tensor<3x4x6xf32>) -> tensor<3x4x6xf32> {
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]} ins(%{{.*}} : tensor<72xf32>)
  %s = tensor.extract_slice %x[2, 0, 0] [3, 4, 6] [1, 1, 1] : tensor<9x4x6xf32> to tensor<3x4x6xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<3x4x6xf32>) outs(%e : tensor<3x4x6xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = math.exp %a : f32
    linalg.yield %v : f32
  } -> tensor<3x4x6xf32>
  return %0 : tensor<3x4x6xf32>
}
