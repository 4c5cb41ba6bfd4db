// RUN: tilewright-opt %s -infer-shapes | FileCheck %s

// A "same" convolution keeps the very dims that it reads.
// CHECK-LABEL: @same
// CHECK: nn.conv {{.*}} -> tensor<?x4x?x?xf32>
// CHECK: nn.conv {{.*}} -> tensor<?x4x?x?xf32>
func.func @same(%x: tensor<?x3x?x?xf32>, %w: tensor<4x3x3x3xf32>, %v: tensor<4x4x3x3xf32>, %b: tensor<4xf32>) -> tensor<*xf32> {
  %0 = nn.conv %x, %w, %b {pads = array<i64: 1, 1, 1, 1>} : (tensor<?x3x?x?xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<*xf32>
  %1 = nn.conv %0, %v {auto_pad = "SAME_UPPER"} : (tensor<*xf32>, tensor<4x4x3x3xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// CHECK-LABEL: @strided
// CHECK: nn.conv {{.*}} -> tensor<1x8x112x55xf32>
func.func @strided(%x: tensor<1x4x224x224xf32>, %w: tensor<8x2x7x5xf32>) -> tensor<*xf32> {
  %0 = nn.conv %x, %w {strides = array<i64: 2, 4>, dilations = array<i64: 1, 2>, pads = array<i64: 3, 0, 3, 1>, group = 2 : i64} : (tensor<1x4x224x224xf32>, tensor<8x2x7x5xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: @any_rank
// CHECK: nn.conv {{.*}} -> tensor<1x2x8xf64>
// CHECK: nn.conv {{.*}} -> tensor<1x2x4x4x4xf16>
func.func @any_rank(%x: tensor<1x3x10xf64>, %w: tensor<2x3x3xf64>, %y: tensor<1x3x8x8x8xf16>, %v: tensor<2x3x2x2x2xf16>) -> (tensor<*xf64>, tensor<*xf16>) {
  %0 = nn.conv %x, %w : (tensor<1x3x10xf64>, tensor<2x3x3xf64>) -> tensor<*xf64>
  %1 = nn.conv %y, %v {auto_pad = "SAME_LOWER", strides = array<i64: 2, 2, 2>} : (tensor<1x3x8x8x8xf16>, tensor<2x3x2x2x2xf16>) -> tensor<*xf16>
  return %0, %1 : tensor<*xf64>, tensor<*xf16>
}
