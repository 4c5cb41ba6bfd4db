// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @shapes
// CHECK: nn.average_pool {{.*}} -> tensor<?x3x?x2xf32>
func.func @shapes(%x: tensor<?x3x?x4xf32>) {
  %0 = nn.average_pool %x {kernel_shape = array<i64: 3, 3>, pads = array<i64: 1, 0, 1, 0>} : (tensor<?x3x?x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @rank(%x: tensor<1x3xf32>) {
  // expected-error @below {{expected an input of rank 3 or more, found 'tensor<1x3xf32>'}}
  %0 = nn.average_pool %x {kernel_shape = array<i64: 2>} : (tensor<1x3xf32>) -> tensor<*xf32>
  return
}
