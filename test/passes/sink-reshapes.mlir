// RUN: tilewright-opt --infer-shapes --sink-reshapes --canonicalize %s | FileCheck %s

// A bias along a dim that the reshape keeps, a residual, a scalar of rank 3.
// CHECK-LABEL: @residual
// CHECK: %[[P:.*]] = nn.matmul
// CHECK: %[[B:.*]] = nn.add %[[P]], %arg2 : (tensor<6x32xf32>, tensor<32xf32>) -> tensor<6x32xf32>
// CHECK: %[[R:.*]] = nn.reshape %arg3, %{{.*}} : (tensor<2x3x32xf32>, tensor<2xi64>) -> tensor<6x32xf32>
// CHECK: %[[A:.*]] = nn.add %[[R]], %[[B]]
// CHECK: %[[S:.*]] = nn.mul %[[A]], %{{.*}} : (tensor<6x32xf32>, tensor<f32>) -> tensor<6x32xf32>
// CHECK: nn.reshape %[[S]], %{{.*}} : (tensor<6x32xf32>, tensor<3xi64>) -> tensor<2x3x32xf32>
func.func @residual(%x: tensor<6x8xf32>, %w: tensor<8x32xf32>, %bias: tensor<32xf32>, %y: tensor<2x3x32xf32>, %s: tensor<1x1x1xf32>) -> tensor<2x3x32xf32> {
  %shape = nn.constant dense<[2, 3, 32]> : tensor<3xi64>
  %p = nn.matmul %x, %w : (tensor<6x8xf32>, tensor<8x32xf32>) -> tensor<6x32xf32>
  %r = nn.reshape %p, %shape : (tensor<6x32xf32>, tensor<3xi64>) -> tensor<2x3x32xf32>
  %b = nn.add %r, %bias : (tensor<2x3x32xf32>, tensor<32xf32>) -> tensor<2x3x32xf32>
  %a = nn.add %y, %b : (tensor<2x3x32xf32>, tensor<2x3x32xf32>) -> tensor<2x3x32xf32>
  %m = nn.mul %a, %s : (tensor<2x3x32xf32>, tensor<1x1x1xf32>) -> tensor<2x3x32xf32>
  return %m : tensor<2x3x32xf32>
}

// Sizes of the reshape that are known at run time only, and equal ones of the residual, which has them from the same symbols.
// CHECK-LABEL: @unknown
// CHECK: %[[P:.*]] = nn.matmul
// CHECK: %[[R:.*]] = nn.reshape %arg0, %{{.*}} : (tensor<?x?x8xf32>, tensor<2xi64>) -> tensor<?x8xf32>
// CHECK: %[[A:.*]] = nn.add %[[P]], %{{.*}} : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
// CHECK: nn.reshape %[[A]]
func.func @unknown(%x: tensor<?x?x8xf32> {nn.dims = ["b", "n", ""]}, %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  %flat = nn.constant dense<[-1, 8]> : tensor<2xi64>
  %shape = nn.shape %x : (tensor<?x?x8xf32>) -> tensor<3xi64>
  %f = nn.reshape %x, %flat : (tensor<?x?x8xf32>, tensor<2xi64>) -> tensor<?x8xf32>
  %p = nn.matmul %f, %w : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %r = nn.reshape %p, %shape : (tensor<?x8xf32>, tensor<3xi64>) -> tensor<?x?x8xf32>
  %a = nn.add %r, %x : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %a : tensor<?x?x8xf32>
}

// What broadcasts along a dim that the reshape makes cannot go above it.
// CHECK-LABEL: @per_head
// CHECK: nn.reshape
// CHECK-NEXT: nn.mul
// CHECK-NEXT: return
func.func @per_head(%x: tensor<6x8xf32>, %w: tensor<8x32xf32>, %s: tensor<4x1xf32>) -> tensor<6x4x8xf32> {
  %shape = nn.constant dense<[6, 4, 8]> : tensor<3xi64>
  %p = nn.matmul %x, %w : (tensor<6x8xf32>, tensor<8x32xf32>) -> tensor<6x32xf32>
  %r = nn.reshape %p, %shape : (tensor<6x32xf32>, tensor<3xi64>) -> tensor<6x4x8xf32>
  %m = nn.mul %r, %s : (tensor<6x4x8xf32>, tensor<4x1xf32>) -> tensor<6x4x8xf32>
  return %m : tensor<6x4x8xf32>
}

// A reduction reads the product as well: it is in memory, and nothing is gained.
// CHECK-LABEL: @reduced
// CHECK: nn.reshape
// CHECK-NEXT: nn.softmax
// CHECK-NEXT: nn.relu
func.func @reduced(%x: tensor<6x8xf32>, %w: tensor<8x32xf32>) -> (tensor<2x3x32xf32>, tensor<2x3x32xf32>) {
  %shape = nn.constant dense<[2, 3, 32]> : tensor<3xi64>
  %p = nn.matmul %x, %w : (tensor<6x8xf32>, tensor<8x32xf32>) -> tensor<6x32xf32>
  %r = nn.reshape %p, %shape : (tensor<6x32xf32>, tensor<3xi64>) -> tensor<2x3x32xf32>
  %s = nn.softmax %r {axis = -1 : i64} : (tensor<2x3x32xf32>) -> tensor<2x3x32xf32>
  %a = nn.relu %r : (tensor<2x3x32xf32>) -> tensor<2x3x32xf32>
  return %s, %a : tensor<2x3x32xf32>, tensor<2x3x32xf32>
}

// No product: a reshape of an input stays above.
// CHECK-LABEL: @no_product
// CHECK: nn.reshape
// CHECK-NEXT: nn.relu
func.func @no_product(%x: tensor<6x8xf32>) -> tensor<2x3x8xf32> {
  %shape = nn.constant dense<[2, 3, 8]> : tensor<3xi64>
  %r = nn.reshape %x, %shape : (tensor<6x8xf32>, tensor<3xi64>) -> tensor<2x3x8xf32>
  %a = nn.relu %r : (tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  return %a : tensor<2x3x8xf32>
}
