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
