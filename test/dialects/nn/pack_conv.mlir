// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @f
// CHECK: nn.pack_conv {{.*}} -> tensor<4x3x3x4x16xf32>
func.func @f(%w: tensor<40x4x3x3xf32>) -> tensor<*xf32> {
  %0 = nn.pack_conv %w {group = 2 : i64, width = 16 : i64} : (tensor<40x4x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @rank(%w: tensor<40x4x3xf32>) {
  // expected-error @below {{expected a weight of rank 4, found 'tensor<40x4x3xf32>'}}
  %0 = nn.pack_conv %w {group = 2 : i64, width = 16 : i64} : (tensor<40x4x3xf32>) -> tensor<*xf32>
  return
}
