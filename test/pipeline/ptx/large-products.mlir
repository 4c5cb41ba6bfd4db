// RUN: tilewright-check --target=ptx --static-only --print-ptx %s | FileCheck %s

// The largest tiles, of 128 x 128: assemble.test sees to it that their sums stay in registers. Nothing is run.
// CHECK: .entry test_half
// CHECK: .reqntid 128
// CHECK: mma.sync.aligned.m16n8k16
func.func @half() {
  %a = nn.constant dense<1.0> : tensor<2048x512xf16>
  %b = nn.constant dense<1.0> : tensor<512x2048xf16>
  %c = nn.matmul %a, %b : (tensor<2048x512xf16>, tensor<512x2048xf16>) -> tensor<2048x2048xf16>
  check.expect_close %c, dense<512.0> : tensor<2048x2048xf16> : tensor<2048x2048xf16>
  return
}
// CHECK: .entry test_single
// CHECK-NOT: mma.sync
func.func @single() {
  %a = nn.constant dense<1.0> : tensor<2048x512xf32>
  %b = nn.constant dense<1.0> : tensor<512x2048xf32>
  %c = nn.matmul %a, %b : (tensor<2048x512xf32>, tensor<512x2048xf32>) -> tensor<2048x2048xf32>
  check.expect_close %c, dense<512.0> : tensor<2048x2048xf32> : tensor<2048x2048xf32>
  return
}
// CHECK: .entry test_bytes
// CHECK: mma.sync.aligned.m16n8k32
func.func @bytes() {
  %a = nn.constant dense<1> : tensor<2048x512xi8>
  %b = nn.constant dense<1> : tensor<2048x512xi8>
  %c = nn.matmul_integer %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32, transposed}
    : (tensor<2048x512xi8>, tensor<2048x512xi8>) -> tensor<2048x2048xi32>
  check.expect_close %c, dense<512> : tensor<2048x2048xi32> : tensor<2048x2048xi32>
  return
}
// CHECK: .entry test_image_of_halves
// CHECK: mma.sync.aligned.m16n8k16
func.func @image_of_halves() {
  %x = nn.constant dense<1.0> : tensor<8x56x56x64xf16>
  %w = nn.constant dense<1.0> : tensor<8x3x3x64x16xf16>
  %c = nn.conv_packed %x, %w {algorithm = "direct", channels = 128 : i64, dilations = array<i64: 1, 1>, group = 1 : i64,
    kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<8x56x56x64xf16>, tensor<8x3x3x64x16xf16>) -> tensor<8x56x56x128xf16>
  check.expect_close %c, dense<1.0> : tensor<8x56x56x128xf16> : tensor<8x56x56x128xf16>
  return
}
// CHECK: .entry test_image_of_bytes
// CHECK: mma.sync.aligned.m16n8k32
func.func @image_of_bytes() {
  %x = nn.constant dense<1> : tensor<8x56x56x64xi8>
  %w = nn.constant dense<1> : tensor<128x3x3x64x1xi8>
  %c = nn.conv_packed %x, %w {algorithm = "direct", channels = 128 : i64, dilations = array<i64: 1, 1>, group = 1 : i64,
    kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<8x56x56x64xi8>, tensor<128x3x3x64x1xi8>) -> tensor<8x56x56x128xi32>
  check.expect_close %c, dense<1> : tensor<8x56x56x128xi32> : tensor<8x56x56x128xi32>
  return
}
// CHECK: .entry test_image_of_singles
func.func @image_of_singles() {
  %x = nn.constant dense<1.0> : tensor<8x56x56x4xf32>
  %w = nn.constant dense<1.0> : tensor<8x3x3x4x16xf32>
  %c = nn.conv_packed %x, %w {algorithm = "direct", channels = 128 : i64, dilations = array<i64: 1, 1>, group = 1 : i64,
    kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<8x56x56x4xf32>, tensor<8x3x3x4x16xf32>) -> tensor<8x56x56x128xf32>
  check.expect_close %c, dense<1.0> : tensor<8x56x56x128xf32> : tensor<8x56x56x128xf32>
  return
}
