// RUN: tilewright-opt %s --bufferize-kernel | FileCheck %s

// A tile is computed where it belongs: no copy, no allocation.
// CHECK-LABEL: @in_place
func.func @in_place(%in: memref<64xf32>, %out: memref<64xf32>) {
  // CHECK: scf.forall
  // CHECK: %[[X:.*]] = memref.subview %arg0
  // CHECK: %[[Y:.*]] = memref.subview %arg1
  // CHECK: linalg.generic {{.*}} ins(%[[X]] {{.*}} outs(%[[Y]]
  // CHECK-NOT: memref.alloc
  // CHECK-NOT: linalg.copy
  %x = bufferization.to_tensor %in restrict : memref<64xf32> to tensor<64xf32>
  %y = bufferization.to_tensor %out restrict writable : memref<64xf32> to tensor<64xf32>
  %r = scf.forall (%i) = (0) to (64) step (16) shared_outs(%o = %y) -> (tensor<64xf32>) {
    %xs = tensor.extract_slice %x[%i] [16] [1] : tensor<64xf32> to tensor<16xf32>
    %os = tensor.extract_slice %o[%i] [16] [1] : tensor<64xf32> to tensor<16xf32>
    %t = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%xs : tensor<16xf32>) outs(%os : tensor<16xf32>) {
    ^bb0(%a: f32, %b: f32):
      %v = arith.negf %a : f32
      linalg.yield %v : f32
    } -> tensor<16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %t into %o[%i] [16] [1] : tensor<16xf32> into tensor<64xf32>
    }
  }
  bufferization.materialize_in_destination %r in restrict writable %out : (tensor<64xf32>, memref<64xf32>) -> ()
  return
}
