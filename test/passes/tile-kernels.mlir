// RUN: tilewright-opt --tile-kernels %s | FileCheck %s

// A transposition is split into square tiles, each a block that says its cost.
// CHECK-LABEL: @transpose
// CHECK: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (512, 256) step (32, 32)
// CHECK: tile.cost
// CHECK: tensor.parallel_insert_slice
func.func @transpose(%in: memref<256x512xf32>, %out: memref<512x256xf32>) {
  %x = bufferization.to_tensor %in restrict : memref<256x512xf32> to tensor<256x512xf32>
  %y = bufferization.to_tensor %out restrict writable : memref<512x256xf32> to tensor<512x256xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<256x512xf32>) outs(%y : tensor<512x256xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<512x256xf32>
  bufferization.materialize_in_destination %r in restrict writable %out : (tensor<512x256xf32>, memref<512x256xf32>) -> ()
  return
}

// A kernel that is lowered already stays as it is.
// CHECK-LABEL: @lowered
// CHECK: tile.cost
func.func @lowered(%ns: index) {
  tile.cost %ns
  return
}
