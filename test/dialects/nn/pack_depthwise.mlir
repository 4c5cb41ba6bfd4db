// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @f
// CHECK: nn.pack_depthwise {{.*}} -> tensor<3x5x48xf32>
func.func @f(%w: tensor<40x1x3x5xf32>) -> tensor<*xf32> {
  %0 = nn.pack_depthwise %w {lanes = 16 : i64} : (tensor<40x1x3x5xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @rank(%w: tensor<40x1x3xf32>) {
  // expected-error @below {{expected a weight of rank 4, found 'tensor<40x1x3xf32>'}}
  %0 = nn.pack_depthwise %w {lanes = 16 : i64} : (tensor<40x1x3xf32>) -> tensor<*xf32>
  return
}
