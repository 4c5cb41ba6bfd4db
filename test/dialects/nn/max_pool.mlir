// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @shapes
// CHECK: nn.max_pool {{.*}} -> (tensor<1x3x3x3xf32>, tensor<1x3x3x3xi64>)
// CHECK: nn.max_pool {{.*}} -> tensor<1x3x2x2xui8>
// The last window would start in the padding.
// CHECK: nn.max_pool {{.*}} -> tensor<1x1x2x2xf32>
// CHECK: nn.max_pool {{.*}} -> tensor<1x3x2xf32>
func.func @shapes(%x: tensor<1x3x4x4xf32>, %u: tensor<1x3x4x4xui8>, %e: tensor<1x1x2x2xf32>, %l: tensor<1x3x5xf32>) {
  %0, %i = nn.max_pool %x {kernel_shape = array<i64: 2, 2>} : (tensor<1x3x4x4xf32>) -> (tensor<*xf32>, tensor<*xi64>)
  %1 = nn.max_pool %u {kernel_shape = array<i64: 2, 2>, dilations = array<i64: 2, 2>} : (tensor<1x3x4x4xui8>) -> tensor<*xui8>
  %2 = nn.max_pool %e {kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, ceil_mode = 1 : i64} : (tensor<1x1x2x2xf32>) -> tensor<*xf32>
  %3 = nn.max_pool %l {kernel_shape = array<i64: 3>, strides = array<i64: 3>, ceil_mode = 1 : i64} : (tensor<1x3x5xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @kernel(%x: tensor<1x3x4x4xf32>) {
  // expected-error @below {{attribute 'kernel_shape': expected 2 values, found 1}}
  %0 = nn.max_pool %x {kernel_shape = array<i64: 2>} : (tensor<1x3x4x4xf32>) -> tensor<*xf32>
  return
}
