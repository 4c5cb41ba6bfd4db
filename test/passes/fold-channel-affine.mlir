// RUN: tilewright-opt --fold-channel-affine --canonicalize %s | FileCheck %s

// conv(x, w) * s + t => conv(x, w * s, t): nothing is left after the convolution.
// CHECK-LABEL: @affine
// CHECK: %[[W:.*]] = nn.mul
// CHECK: %[[Y:.*]] = nn.conv %{{.*}}, %[[W]], %{{.*}}
// CHECK-NEXT: return %[[Y]]
func.func @affine(%x: tensor<1x2x4x4xf32>) -> tensor<1x3x4x4xf32> {
  %w = nn.weight 0 : tensor<3x2x1x1xf32>
  %s = nn.constant dense<2.0> : tensor<3x1x1xf32>
  %t = nn.constant dense<1.0> : tensor<3x1x1xf32>
  %c = nn.conv %x, %w : (tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) -> tensor<1x3x4x4xf32>
  %m = nn.mul %c, %s : (tensor<1x3x4x4xf32>, tensor<3x1x1xf32>) -> tensor<1x3x4x4xf32>
  %a = nn.add %m, %t : (tensor<1x3x4x4xf32>, tensor<3x1x1xf32>) -> tensor<1x3x4x4xf32>
  return %a : tensor<1x3x4x4xf32>
}

// A factor that is no constant stays.
// CHECK-LABEL: @variable
// CHECK: nn.conv
// CHECK: nn.mul
func.func @variable(%x: tensor<1x2x4x4xf32>, %s: tensor<3x1x1xf32>) -> tensor<1x3x4x4xf32> {
  %w = nn.weight 0 : tensor<3x2x1x1xf32>
  %c = nn.conv %x, %w : (tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) -> tensor<1x3x4x4xf32>
  %m = nn.mul %c, %s : (tensor<1x3x4x4xf32>, tensor<3x1x1xf32>) -> tensor<1x3x4x4xf32>
  return %m : tensor<1x3x4x4xf32>
}

// Other types than f32 stay as they are.
// CHECK-LABEL: @half
// CHECK: nn.conv
// CHECK: nn.add
func.func @half(%x: tensor<1x3x8x8xf16>) -> tensor<1x4x6x6xf16> {
  %w = nn.weight 0 : tensor<4x3x3x3xf16>
  %t = nn.constant dense<1.0> : tensor<4x1x1xf16>
  %0 = nn.conv %x, %w : (tensor<1x3x8x8xf16>, tensor<4x3x3x3xf16>) -> tensor<1x4x6x6xf16>
  %1 = nn.add %0, %t : (tensor<1x4x6x6xf16>, tensor<4x1x1xf16>) -> tensor<1x4x6x6xf16>
  return %1 : tensor<1x4x6x6xf16>
}
