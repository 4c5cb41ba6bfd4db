// RUN: tilewright-opt --sink-transposes --canonicalize %s | FileCheck %s

// A transpose sinks through an elementwise op and meets its inverse.
// CHECK-LABEL: @cancel
// CHECK-NOT: nn.transpose
// CHECK: nn.relu %{{.*}} : (tensor<2x4x6x3xf32>) -> tensor<2x4x6x3xf32>
// CHECK-NOT: nn.transpose
func.func @cancel(%x: tensor<2x4x6x3xf32>) -> tensor<2x4x6x3xf32> {
  %a = nn.transpose %x {perm = array<i64: 0, 3, 1, 2>} : (tensor<2x4x6x3xf32>) -> tensor<2x3x4x6xf32>
  %b = nn.relu %a : (tensor<2x3x4x6xf32>) -> tensor<2x3x4x6xf32>
  %c = nn.transpose %b {perm = array<i64: 0, 2, 3, 1>} : (tensor<2x3x4x6xf32>) -> tensor<2x4x6x3xf32>
  return %c : tensor<2x4x6x3xf32>
}

// One operand gains what the other loses: it stays.
// CHECK-LABEL: @neutral
// CHECK: nn.transpose
// CHECK-NEXT: nn.add
func.func @neutral(%x: tensor<4x3xf32>, %y: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %a = nn.transpose %x {perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %b = nn.add %a, %y : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return %b : tensor<3x4xf32>
}

// The axis of a scale goes with its dim.
// CHECK-LABEL: @quantize
// CHECK: %[[Q:.*]] = nn.quantize_linear %arg0, %arg1 {axis = 3 : i64} : (tensor<1x4x5x6xf32>, tensor<6xf32>) -> tensor<1x4x5x6xui8>
// CHECK: nn.transpose %[[Q]] {perm = array<i64: 0, 3, 1, 2>}
func.func @quantize(%x: tensor<1x4x5x6xf32>, %s: tensor<6xf32>) -> tensor<1x6x4x5xui8> {
  %0 = nn.transpose %x {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x4x5x6xf32>) -> tensor<1x6x4x5xf32>
  %1 = nn.quantize_linear %0, %s : (tensor<1x6x4x5xf32>, tensor<6xf32>) -> tensor<1x6x4x5xui8>
  return %1 : tensor<1x6x4x5xui8>
}
