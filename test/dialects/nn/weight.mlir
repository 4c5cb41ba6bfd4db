// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s

// CHECK-LABEL: func @round_trip
func.func @round_trip() -> tensor<64x3x7x7xf32> {
  // CHECK: nn.weight 3 : tensor<64x3x7x7xf32>
  %w = nn.weight 3 : tensor<64x3x7x7xf32>
  return %w : tensor<64x3x7x7xf32>
}
