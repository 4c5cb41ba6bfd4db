// RUN: tilewright-opt %s -expand-ops | FileCheck %s
// RUN: tilewright-opt %s -expand-ops=all | FileCheck %s --check-prefix=ALL

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
