// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @f
// CHECK: nn.transform_conv {{.*}} -> tensor<36x3x4x16xf32>
// CHECK: nn.transform_conv {{.*}} -> tensor<16x1x4x48xf32>
func.func @f(%w: tensor<40x4x3x3xf32>) {
  %0 = nn.transform_conv %w {size = 4 : i64, width = 16 : i64} : (tensor<40x4x3x3xf32>) -> tensor<*xf32>
  %1 = nn.transform_conv %w {size = 2 : i64, width = 48 : i64} : (tensor<40x4x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @kernel(%w: tensor<40x4x5x5xf32>) {
  // expected-error @below {{expected a weight [M, C, 3, 3], found 'tensor<40x4x5x5xf32>'}}
  %0 = nn.transform_conv %w {size = 4 : i64, width = 16 : i64} : (tensor<40x4x5x5xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @size(%w: tensor<40x4x3x3xf32>) {
  // expected-error @below {{attribute 'size': expected 2 or 4, found 3}}
  %0 = nn.transform_conv %w {size = 3 : i64, width = 16 : i64} : (tensor<40x4x3x3xf32>) -> tensor<*xf32>
  return
}
