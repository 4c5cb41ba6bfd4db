// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @shapes
// CHECK: nn.global_average_pool {{.*}} -> tensor<?x3x1x1xf32>
func.func @shapes(%x: tensor<?x3x?x4xf32>) {
  %0 = nn.global_average_pool %x : (tensor<?x3x?x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @rank(%x: tensor<3xf32>) {
  // expected-error @below {{expected an input of rank 2 or more, found 'tensor<3xf32>'}}
  %0 = nn.global_average_pool %x : (tensor<3xf32>) -> tensor<*xf32>
  return
}
