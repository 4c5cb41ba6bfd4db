// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-opt %s -infer-shapes | FileCheck %s --check-prefix=SHAPES
// RUN: tilewright-check %s
// RUN: tilewright-check --target=ptx %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @signs
func.func @signs() {
  %a = nn.constant dense<[[255, 1, 2], [0, 128, 7]]> : tensor<2x3xui8>
  %b = nn.constant dense<[[-128, 127, 3], [5, -6, 7]]> : tensor<2x3xi8>
  // CHECK: nn.matmul_integer %{{.*}}, %{{.*}} {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32, transposed}
  %r = nn.matmul_integer %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32, transposed}
    : (tensor<2x3xui8>, tensor<2x3xi8>) -> tensor<2x2xi32>
  check.expect_close %r, dense<[[-32507, 1283], [16277, -719]]> : tensor<2x2xi32> : tensor<2x2xi32>
  return
}

// SHAPES-LABEL: func @shapes
// SHAPES: nn.matmul_integer {{.*}} -> tensor<4x?x32xf32>
// SHAPES: nn.matmul_integer {{.*}} -> tensor<32xi32>
func.func @shapes(%a: tensor<4x?x64xui8>, %v: tensor<64xui8>, %b: tensor<64x32xi8>, %z: tensor<ui8>) {
  %0 = nn.matmul_integer %a, %b, %z {operandSegmentSizes = array<i32: 1, 1, 1, 0>, to = f32}
    : (tensor<4x?x64xui8>, tensor<64x32xi8>, tensor<ui8>) -> tensor<*xf32>
  %1 = nn.matmul_integer %v, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32}
    : (tensor<64xui8>, tensor<64x32xi8>) -> tensor<*xi32>
  return
}
