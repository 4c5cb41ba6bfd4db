// RUN: tilewright-opt %s -choose-layout | FileCheck %s

// CHECK-LABEL: @conv
// CHECK: %[[X:.*]] = nn.transpose %{{.*}} {perm = array<i64: 0, 2, 3, 1>}
// CHECK: %[[Y:.*]] = nn.conv_nhwc %[[X]], {{.*}} -> tensor<?x?x?x4xf32>
// CHECK: nn.transpose %[[Y]] {perm = array<i64: 0, 3, 1, 2>} : {{.*}} -> tensor<?x4x?x?xf32>
func.func @conv(%x: tensor<?x3x?x?xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<?x4x?x?xf32> {
  %0 = nn.conv %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<?x3x?x?xf32>, tensor<4x3x3x3xf32>) -> tensor<?x4x?x?xf32>
  return %0 : tensor<?x4x?x?xf32>
}

// A line is an image of one row.
// CHECK-LABEL: @line
// CHECK: nn.conv_nhwc {{.*}} pads = array<i64: 0, 1, 0, 1>{{.*}} -> tensor<1x1x8x4xf32>
// CHECK: nn.reshape {{.*}} -> tensor<1x4x8xf32>
func.func @line(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) -> tensor<1x4x8xf32> {
  %0 = nn.conv %x, %w {pads = array<i64: 1, 1>} : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x8xf32>
  return %0 : tensor<1x4x8xf32>
}

// Windows that neither overlap nor leave gaps: one product per pixel.
// CHECK-LABEL: @transposed
// CHECK: nn.conv_nhwc {{.*}} -> tensor<1x?x?x20xf32>
// CHECK: nn.transpose {{.*}} {perm = array<i64: 0, 1, 3, 2, 4, 5>} : {{.*}} -> tensor<1x?x2x?x2x5xf32>
func.func @transposed(%x: tensor<1x3x?x?xf32>, %w: tensor<3x5x2x2xf32>) -> tensor<1x5x?x?xf32> {
  %0 = nn.conv_transpose %x, %w {strides = array<i64: 2, 2>} : (tensor<1x3x?x?xf32>, tensor<3x5x2x2xf32>) -> tensor<1x5x?x?xf32>
  return %0 : tensor<1x5x?x?xf32>
}

// CHECK-LABEL: @pools
// CHECK: nn.max_pool {{.*}}channels_last{{.*}} : (tensor<1x?x4x3xf32>) -> tensor<1x?x3x3xf32>
// CHECK: nn.global_average_pool {{.*}}channels_last{{.*}} -> tensor<1x1x1x3xf32>
func.func @pools(%x: tensor<1x3x?x4xf32>) -> tensor<1x3x1x1xf32> {
  %0 = nn.max_pool %x {kernel_shape = array<i64: 2, 2>} : (tensor<1x3x?x4xf32>) -> tensor<1x3x?x3xf32>
  %1 = nn.global_average_pool %0 : (tensor<1x3x?x3xf32>) -> tensor<1x3x1x1xf32>
  return %1 : tensor<1x3x1x1xf32>
}

// No such form: integers, volumes, pads known only at run time.
// CHECK-LABEL: @stays
// CHECK-NOT: nn.transpose
func.func @stays(%x: tensor<1x3x8x8x8xf32>, %w: tensor<4x3x3x3x3xf32>, %y: tensor<1x3x?x?xf32>, %v: tensor<4x3x3x3xf32>) -> (tensor<1x4x6x6x6xf32>, tensor<1x4x?x?xf32>) {
  %0 = nn.conv %x, %w : (tensor<1x3x8x8x8xf32>, tensor<4x3x3x3x3xf32>) -> tensor<1x4x6x6x6xf32>
  %1 = nn.conv %y, %v {auto_pad = "SAME_UPPER", strides = array<i64: 2, 2>} : (tensor<1x3x?x?xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x?x?xf32>
  return %0, %1 : tensor<1x4x6x6x6xf32>, tensor<1x4x?x?xf32>
}
