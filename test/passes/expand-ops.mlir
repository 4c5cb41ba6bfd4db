// RUN: tilewright-opt %s -expand-ops | FileCheck %s
// RUN: tilewright-opt %s -expand-ops=all | FileCheck %s --check-prefix=ALL
// RUN: tilewright-opt %s -expand-ops=gpu | FileCheck %s --check-prefix=GPU

// Heads whose size is known have a kernel.
// CHECK-LABEL: @known
// CHECK: nn.attention
// ALL-LABEL: @known
// ALL: nn.matmul
// ALL: nn.softmax
// ALL: nn.matmul
func.func @known(%q: tensor<1x2x5x8xf32>) -> tensor<1x2x5x8xf32> {
  %y = nn.attention %q, %q, %q {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x5x8xf32>
  return %y : tensor<1x2x5x8xf32>
}

// Double precision has none.
// CHECK-LABEL: @double
// CHECK-NOT: nn.attention
// CHECK: nn.matmul
// CHECK: nn.softmax
// CHECK: nn.matmul
func.func @double(%q: tensor<1x2x5x8xf64>) -> tensor<1x2x5x8xf64> {
  %y = nn.attention %q, %q, %q {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x2x5x8xf64>, tensor<1x2x5x8xf64>, tensor<1x2x5x8xf64>) -> tensor<1x2x5x8xf64>
  return %y : tensor<1x2x5x8xf64>
}

// Heads that a block of threads has no room for have none.
// CHECK-LABEL: @large
// CHECK-NOT: nn.attention
// CHECK: nn.softmax
func.func @large(%q: tensor<1x2x5x513xf32>) -> tensor<1x2x5x513xf32> {
  %y = nn.attention %q, %q, %q {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x2x5x513xf32>, tensor<1x2x5x513xf32>, tensor<1x2x5x513xf32>) -> tensor<1x2x5x513xf32>
  return %y : tensor<1x2x5x513xf32>
}

// Scores are what was asked for.
// CHECK-LABEL: @scores
// CHECK-NOT: nn.attention_scores
// CHECK: nn.matmul
// CHECK-NOT: nn.softmax
func.func @scores(%q: tensor<1x2x5x8xf32>) -> tensor<1x2x5x5xf32> {
  %y = nn.attention_scores %q, %q {operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>, stage = 2 : i64, causal = "top_left"}
    : (tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x5x5xf32>
  return %y : tensor<1x2x5x5xf32>
}

// Bytes are multiplied on GPUs only; elsewhere they become wide, less their zero point.
// CHECK-LABEL: @bytes
// CHECK: %[[A:.*]] = nn.cast %arg0 {to = i32}
// CHECK: %[[Z:.*]] = nn.cast %arg2 {to = i32}
// CHECK: %[[LEFT:.*]] = nn.sub %[[A]], %[[Z]]
// CHECK: %[[RIGHT:.*]] = nn.cast %arg1 {to = i32}
// CHECK: nn.matmul %[[LEFT]], %[[RIGHT]] : (tensor<4x8xi32>, tensor<8x5xi32>) -> tensor<4x5xi32>
// GPU-LABEL: @bytes
// GPU: nn.matmul_integer
func.func @bytes(%a: tensor<4x8xui8>, %b: tensor<8x5xi8>, %z: tensor<ui8>) -> tensor<4x5xi32> {
  %0 = nn.matmul_integer %a, %b, %z {operandSegmentSizes = array<i32: 1, 1, 1, 0>, to = i32}
    : (tensor<4x8xui8>, tensor<8x5xi8>, tensor<ui8>) -> tensor<4x5xi32>
  return %0 : tensor<4x5xi32>
}

// So are images of bytes, where groups have whole chunks of channels.
// CHECK-LABEL: @images
// CHECK-COUNT-2: nn.conv {{.*}} : (tensor<1x{{.*}}xi32>
// GPU-LABEL: @images
// GPU: nn.conv_integer
// GPU: nn.conv {{.*}} : (tensor<1x6x8x8xi32>
func.func @images(%x: tensor<1x3x8x8xui8>, %w: tensor<4x3x3x3xi8>, %y: tensor<1x6x8x8xui8>) -> (tensor<1x4x6x6xi32>, tensor<1x4x6x6xi32>) {
  %0 = nn.conv_integer %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x8x8xui8>, tensor<4x3x3x3xi8>) -> tensor<1x4x6x6xi32>
  %1 = nn.conv_integer %y, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>, group = 2 : i64} : (tensor<1x6x8x8xui8>, tensor<4x3x3x3xi8>) -> tensor<1x4x6x6xi32>
  return %0, %1 : tensor<1x4x6x6xi32>, tensor<1x4x6x6xi32>
}
