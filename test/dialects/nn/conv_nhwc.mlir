// RUN: tilewright-opt %s -infer-shapes | FileCheck %s

// CHECK-LABEL: @f
// CHECK: nn.conv_nhwc {{.*}} -> tensor<?x?x?x4xf32>
func.func @f(%x: tensor<?x?x?x3xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<*xf32> {
  %0 = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x?x?x3xf32>, tensor<4x3x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
