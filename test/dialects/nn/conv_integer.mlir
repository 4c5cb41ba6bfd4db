// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-opt %s -infer-shapes | FileCheck %s --check-prefix=SHAPES
// What it computes: test/python_api/test_bytes.py.

// CHECK-LABEL: func @conv
// CHECK: nn.conv_integer %{{.*}}, %{{.*}}, %{{.*}} {operandSegmentSizes = array<i32: 1, 1, 1, 0>, strides = array<i64: 2, 2>}
// SHAPES-LABEL: func @conv
// SHAPES: nn.conv_integer {{.*}} -> tensor<1x4x?x3xi32>
func.func @conv(%x: tensor<1x3x?x8xui8>, %w: tensor<4x3x3x3xi8>, %z: tensor<ui8>) {
  %0 = nn.conv_integer %x, %w, %z {operandSegmentSizes = array<i32: 1, 1, 1, 0>, strides = array<i64: 2, 2>}
    : (tensor<1x3x?x8xui8>, tensor<4x3x3x3xi8>, tensor<ui8>) -> tensor<*xi32>
  return
}
