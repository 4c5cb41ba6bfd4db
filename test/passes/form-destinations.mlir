// RUN: tilewright-opt %s --form-destinations -split-input-file | FileCheck %s

// Results are computed in buffers that the caller passes.
// CHECK-LABEL: func @loop
// CHECK-SAME: %[[X:.*]]: memref<f32> {llvm.noalias}, %[[Y:.*]]: memref<f32> {llvm.noalias}
func.func @loop(%x: tensor<4xf32>) -> tensor<4xf32> attributes {tile.kernel, tile.dims = [array<i64: -1>]} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %four = arith.constant 4 : index
  %empty = tensor.empty() : tensor<4xf32>
  // A loop that changes an empty tensor changes the result's buffer.
  // CHECK: %[[BUFFER:.*]] = memref.reinterpret_cast %[[Y]]
  // CHECK: %[[INIT:.*]] = bufferization.to_tensor %[[BUFFER]] restrict writable
  // CHECK: %[[R:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[INIT]])
  // CHECK: bufferization.materialize_in_destination %[[R]] in restrict writable %[[BUFFER]]
  %r = scf.for %i = %zero to %four step %one iter_args(%t = %empty) -> tensor<4xf32> {
    %e = tensor.extract %x[%i] : tensor<4xf32>
    %next = tensor.insert %e into %t[%i] : tensor<4xf32>
    scf.yield %next : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Each part of a concatenation goes to its own piece.
// CHECK-LABEL: func @concat
func.func @concat(%a: tensor<2x3xf32>, %b: tensor<2x1xf32>) -> tensor<2x4xf32>
    attributes {tile.kernel, tile.dims = [array<i64: -1, -1>, array<i64: -1, -1>]} {
  // CHECK: %[[LEFT:.*]] = memref.subview %{{.*}}[0, 0] [2, 3] [1, 1]
  // CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[LEFT]]
  // CHECK: %[[RIGHT:.*]] = memref.subview %{{.*}}[0, 3] [2, 1] [1, 1]
  // CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[RIGHT]]
  %r = tensor.concat dim(1) %a, %b : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// -----

// A returned argument is copied.
// CHECK-LABEL: func @copy
func.func @copy(%x: tensor<4xf32>) -> tensor<4xf32> attributes {tile.kernel, tile.dims = [array<i64: -1>]} {
  // CHECK: linalg.generic
  // CHECK: bufferization.materialize_in_destination
  return %x : tensor<4xf32>
}
