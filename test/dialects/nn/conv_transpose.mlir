// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @shapes
// CHECK: nn.conv_transpose {{.*}} -> tensor<1x5x8x8xf32>
// CHECK: nn.conv_transpose {{.*}} -> tensor<1x10x9x10xf32>
// CHECK: nn.conv_transpose {{.*}} -> tensor<1x5x10x8xf32>
// CHECK: nn.conv_transpose {{.*}} -> tensor<1x5x8x8xf32>
func.func @shapes(%x: tensor<1x4x4x4xf32>, %w: tensor<4x5x2x2xf32>, %v: tensor<4x5x3x3xf32>) {
  %0 = nn.conv_transpose %x, %w {strides = array<i64: 2, 2>} : (tensor<1x4x4x4xf32>, tensor<4x5x2x2xf32>) -> tensor<*xf32>
  %1 = nn.conv_transpose %x, %v {strides = array<i64: 2, 2>, group = 2 : i64, output_padding = array<i64: 0, 1>} : (tensor<1x4x4x4xf32>, tensor<4x5x3x3xf32>) -> tensor<*xf32>
  %2 = nn.conv_transpose %x, %v {strides = array<i64: 3, 2>, output_shape = array<i64: 10, 8>} : (tensor<1x4x4x4xf32>, tensor<4x5x3x3xf32>) -> tensor<*xf32>
  %3 = nn.conv_transpose %x, %v {strides = array<i64: 2, 2>, auto_pad = "SAME_LOWER"} : (tensor<1x4x4x4xf32>, tensor<4x5x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @channels(%x: tensor<1x3x4x4xf32>, %w: tensor<4x5x2x2xf32>) {
  // expected-error @below {{expected an input of 4 channels (the weight's dim 0), found 3}}
  %0 = nn.conv_transpose %x, %w : (tensor<1x3x4x4xf32>, tensor<4x5x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @output_shape(%x: tensor<1x4x4x4xf32>, %w: tensor<4x5x2x2xf32>) {
  // expected-error @below {{attribute 'output_shape': expected 2 values, found 1}}
  %0 = nn.conv_transpose %x, %w {output_shape = array<i64: 8>} : (tensor<1x4x4x4xf32>, tensor<4x5x2x2xf32>) -> tensor<*xf32>
  return
}
