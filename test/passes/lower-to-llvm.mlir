// RUN: tilewright-opt %s --lower-to-llvm | FileCheck %s

// Buffers are bare pointers.
// CHECK: llvm.func @store(%[[P:.*]]: !llvm.ptr, %[[I:.*]]: i64, %[[V:.*]]: f32)
func.func @store(%p: memref<16xf32>, %i: index, %v: f32) {
  // CHECK: %[[AT:.*]] = llvm.getelementptr {{.*}} %{{.*}}[%{{.*}}]
  // CHECK: llvm.store %[[V]], %[[AT]]
  memref.store %v, %p[%i] : memref<16xf32>
  return
}
