// RUN: tilewright-opt %s -choose-layout | FileCheck %s
// RUN: tilewright-opt %s -choose-layout=gpu | FileCheck %s --check-prefix=GPU

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

// Images of f16 and of bytes: on GPUs only.
// CHECK-LABEL: @narrow
// CHECK-NOT: nn.transpose
// GPU-LABEL: @narrow
// GPU: nn.conv_nhwc {{.*}} -> tensor<1x6x6x4xf16>
// GPU: nn.max_pool {{.*}}channels_last
func.func @narrow(%x: tensor<1x3x8x8xf16>, %w: tensor<4x3x3x3xf16>) -> tensor<1x4x3x3xf16> {
  %0 = nn.conv %x, %w : (tensor<1x3x8x8xf16>, tensor<4x3x3x3xf16>) -> tensor<1x4x6x6xf16>
  %1 = nn.max_pool %0 {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x6x6xf16>) -> tensor<1x4x3x3xf16>
  return %1 : tensor<1x4x3x3xf16>
}

// The zero point stands around the image; channels are padded to chunks of 16; both zero points are sums.
// CHECK-LABEL: @bytes
// CHECK: nn.conv_integer
// GPU-LABEL: @bytes
// GPU: %[[X:.*]] = nn.transpose %arg0 {perm = array<i64: 0, 2, 3, 1>}
// GPU: %[[BORDER:.*]] = nn.pad %[[X]], {{.*}} -> tensor<1x10x10x3xui8>
// GPU: %[[PADDED:.*]] = nn.pad %[[BORDER]], {{.*}} -> tensor<1x10x10x16xui8>
// GPU: nn.pack_conv {{.*}}width = 1{{.*}} -> tensor<4x3x3x16x1xi8>
// GPU: nn.conv_packed %[[PADDED]], {{.*}}pads = array<i64: 0, 0, 0, 0>{{.*}} -> tensor<1x8x8x4xi32>
// GPU: nn.reduce_sum {{.*}} -> tensor<1x10x10x1xi32>
// GPU: nn.conv_nhwc {{.*}} -> tensor<1x8x8x1xi32>
// GPU: nn.reduce_sum {{.*}} -> tensor<4x1x1x1xi32>
// GPU: nn.transpose {{.*}} -> tensor<1x4x8x8xi32>
func.func @bytes(%x: tensor<1x3x8x8xui8>, %w: tensor<4x3x3x3xi8>, %p: tensor<ui8>, %q: tensor<4xi8>) -> tensor<1x4x8x8xi32> {
  %0 = nn.conv_integer %x, %w, %p, %q {operandSegmentSizes = array<i32: 1, 1, 1, 1>, pads = array<i64: 1, 1, 1, 1>}
    : (tensor<1x3x8x8xui8>, tensor<4x3x3x3xi8>, tensor<ui8>, tensor<4xi8>) -> tensor<1x4x8x8xi32>
  return %0 : tensor<1x4x8x8xi32>
}
