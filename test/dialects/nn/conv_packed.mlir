// RUN: tilewright-opt %s -pack-weights=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,FAST
// RUN: tilewright-opt %s -pack-weights="cpu=x86-64-v4 fast-conv=false" | FileCheck %s --check-prefixes=CHECK,EXACT
// RUN: tilewright-opt %s -pack-weights=cpu=x86-64-v3 | FileCheck %s --check-prefix=NARROW

// CHECK-LABEL: @large
// FAST: %[[W:.*]] = nn.transform_conv {{.*}} {size = 4 : i64, width = 64 : i64}
// FAST: %[[Y:.*]] = nn.conv_packed %{{.*}}, %[[W]] {algorithm = "winograd"
// EXACT: nn.pack_conv
// EXACT: %[[Y:.*]] = nn.conv_packed {{.*}} {algorithm = "direct"
// The bias is an elementwise op like those that follow: all join the epilogue.
// CHECK: nn.add %[[Y]]
// NARROW-LABEL: @large
// NARROW: nn.transform_conv {{.*}} {size = 4 : i64, width = 16 : i64}
func.func @large(%x: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %w = nn.weight 0 : tensor<64x64x3x3xf32>
  %b = nn.weight 1 : tensor<64xf32>
  %0 = nn.conv_nhwc %x, %w, %b {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<?x?x?x64xf32>, tensor<64x64x3x3xf32>, tensor<64xf32>) -> tensor<?x?x?x64xf32>
  return %0 : tensor<?x?x?x64xf32>
}

// CHECK-LABEL: @small
// FAST: nn.transform_conv {{.*}} {size = 2 : i64
func.func @small(%x: tensor<1x7x7x64xf32>) -> tensor<1x7x7x64xf32> {
  %w = nn.weight 0 : tensor<64x64x3x3xf32>
  %0 = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x7x7x64xf32>, tensor<64x64x3x3xf32>) -> tensor<1x7x7x64xf32>
  return %0 : tensor<1x7x7x64xf32>
}

// CHECK-LABEL: @tiny
// CHECK: algorithm = "direct"
func.func @tiny(%x: tensor<1x4x4x64xf32>) -> tensor<1x4x4x64xf32> {
  %w = nn.weight 0 : tensor<64x64x3x3xf32>
  %0 = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x4x64xf32>, tensor<64x64x3x3xf32>) -> tensor<1x4x4x64xf32>
  return %0 : tensor<1x4x4x64xf32>
}

// CHECK-LABEL: @depthwise
// CHECK: nn.pack_depthwise {{.*}} {lanes = 16 : i64}
// CHECK: algorithm = "depthwise"
func.func @depthwise(%x: tensor<1x9x9x24xf32>) -> tensor<1x9x9x24xf32> {
  %w = nn.weight 0 : tensor<24x1x3x3xf32>
  %0 = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 24 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x9x9x24xf32>, tensor<24x1x3x3xf32>) -> tensor<1x9x9x24xf32>
  return %0 : tensor<1x9x9x24xf32>
}

// CHECK-LABEL: @pointwise
// CHECK: nn.pack_matmul
// CHECK: nn.matmul_packed
func.func @pointwise(%x: tensor<1x9x9x24xf32>) -> tensor<1x9x9x48xf32> {
  %w = nn.weight 0 : tensor<48x24x1x1xf32>
  %0 = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x9x9x24xf32>, tensor<48x24x1x1xf32>) -> tensor<1x9x9x48xf32>
  return %0 : tensor<1x9x9x48xf32>
}

// CHECK-LABEL: @strided
// CHECK: nn.pack_conv {{.*}} {group = 2 : i64, width = 32 : i64} : (tensor<48x12x5x5xf32>) -> tensor<2x5x5x12x32xf32>
// CHECK: algorithm = "direct"
func.func @strided(%x: tensor<1x9x9x24xf32>) -> tensor<1x5x5x48xf32> {
  %w = nn.weight 0 : tensor<48x12x5x5xf32>
  %0 = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 2 : i64, pads = array<i64: 2, 2, 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x9x9x24xf32>, tensor<48x12x5x5xf32>) -> tensor<1x5x5x48xf32>
  return %0 : tensor<1x5x5x48xf32>
}
