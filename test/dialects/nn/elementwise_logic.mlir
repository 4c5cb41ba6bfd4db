// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @equal
func.func @equal() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, -0.0, 3.0]> : tensor<4xf32>
  %x1 = nn.constant dense<[1.0, 0x7FC00000, 0.0, 2.0]> : tensor<4xf32>
  // CHECK: nn.equal{{ }}
  %r = nn.equal %x0, %x1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[true, false, true, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @less
func.func @less() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, -0.0, 3.0]> : tensor<4xf32>
  %x1 = nn.constant dense<[1.0, 0x7FC00000, 0.0, 2.0]> : tensor<4xf32>
  // CHECK: nn.less{{ }}
  %r = nn.less %x0, %x1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, false, false, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @less_unsigned
func.func @less_unsigned() {
  %x0 = nn.constant dense<[200, 1]> : tensor<2xui8>
  %x1 = nn.constant dense<[1, 200]> : tensor<2xui8>
  // CHECK: nn.less{{ }}
  %r = nn.less %x0, %x1 : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xi1>
  check.expect_close %r, dense<[false, true]> : tensor<2xi1> : tensor<2xi1>
  return
}

// CHECK-LABEL: func @less_or_equal
func.func @less_or_equal() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, -0.0, 3.0]> : tensor<4xf32>
  %x1 = nn.constant dense<[1.0, 0x7FC00000, 0.0, 2.0]> : tensor<4xf32>
  // CHECK: nn.less_or_equal{{ }}
  %r = nn.less_or_equal %x0, %x1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[true, false, true, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @greater
func.func @greater() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, -0.0, 3.0]> : tensor<4xf32>
  %x1 = nn.constant dense<[1.0, 0x7FC00000, 0.0, 2.0]> : tensor<4xf32>
  // CHECK: nn.greater{{ }}
  %r = nn.greater %x0, %x1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, false, false, true]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @greater_or_equal
func.func @greater_or_equal() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, -0.0, 3.0]> : tensor<4xf32>
  %x1 = nn.constant dense<[1.0, 0x7FC00000, 0.0, 2.0]> : tensor<4xf32>
  // CHECK: nn.greater_or_equal{{ }}
  %r = nn.greater_or_equal %x0, %x1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[true, false, true, true]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @and
func.func @and() {
  %x0 = nn.constant dense<[true, true, false, false]> : tensor<4xi1>
  %x1 = nn.constant dense<[true, false, true, false]> : tensor<4xi1>
  // CHECK: nn.and{{ }}
  %r = nn.and %x0, %x1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  check.expect_close %r, dense<[true, false, false, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @or
func.func @or() {
  %x0 = nn.constant dense<[true, true, false, false]> : tensor<4xi1>
  %x1 = nn.constant dense<[true, false, true, false]> : tensor<4xi1>
  // CHECK: nn.or{{ }}
  %r = nn.or %x0, %x1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  check.expect_close %r, dense<[true, true, true, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @xor
func.func @xor() {
  %x0 = nn.constant dense<[true, true, false, false]> : tensor<4xi1>
  %x1 = nn.constant dense<[true, false, true, false]> : tensor<4xi1>
  // CHECK: nn.xor{{ }}
  %r = nn.xor %x0, %x1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, true, true, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @not
func.func @not() {
  %x0 = nn.constant dense<[true, true, false, false]> : tensor<4xi1>
  // CHECK: nn.not{{ }}
  %r = nn.not %x0 : (tensor<4xi1>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, false, true, true]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @bitwise_and
func.func @bitwise_and() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -2147483648, 5]> : tensor<6xi32>
  %x1 = nn.constant dense<[2, 2, -2, -2, -1, 0]> : tensor<6xi32>
  // CHECK: nn.bitwise_and{{ }}
  %r = nn.bitwise_and %x0, %x1 : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi32>
  check.expect_close %r, dense<[2, 0, 6, -8, -2147483648, 0]> : tensor<6xi32> : tensor<6xi32>
  return
}

// CHECK-LABEL: func @bitwise_or
func.func @bitwise_or() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -2147483648, 5]> : tensor<6xi32>
  %x1 = nn.constant dense<[2, 2, -2, -2, -1, 0]> : tensor<6xi32>
  // CHECK: nn.bitwise_or{{ }}
  %r = nn.bitwise_or %x0, %x1 : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi32>
  check.expect_close %r, dense<[7, -5, -1, -1, -1, 5]> : tensor<6xi32> : tensor<6xi32>
  return
}

// CHECK-LABEL: func @bitwise_xor
func.func @bitwise_xor() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -2147483648, 5]> : tensor<6xi32>
  %x1 = nn.constant dense<[2, 2, -2, -2, -1, 0]> : tensor<6xi32>
  // CHECK: nn.bitwise_xor{{ }}
  %r = nn.bitwise_xor %x0, %x1 : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi32>
  check.expect_close %r, dense<[5, -5, -7, 7, 2147483647, 5]> : tensor<6xi32> : tensor<6xi32>
  return
}

// CHECK-LABEL: func @bitwise_not
func.func @bitwise_not() {
  %x0 = nn.constant dense<[250, 3, 200]> : tensor<3xui8>
  // CHECK: nn.bitwise_not{{ }}
  %r = nn.bitwise_not %x0 : (tensor<3xui8>) -> tensor<3xui8>
  check.expect_close %r, dense<[5, 252, 55]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @bit_shift_left
func.func @bit_shift_left() {
  %x0 = nn.constant dense<[250, 3, 200]> : tensor<3xui8>
  %x1 = nn.constant dense<[1, 7, 8]> : tensor<3xui8>
  // CHECK: nn.bit_shift{{ }}
  %r = nn.bit_shift %x0, %x1 {direction = "LEFT"} : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  check.expect_close %r, dense<[244, 128, 0]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @bit_shift_right
func.func @bit_shift_right() {
  %x0 = nn.constant dense<[250, 3, 200]> : tensor<3xui8>
  %x1 = nn.constant dense<[1, 7, 8]> : tensor<3xui8>
  // CHECK: nn.bit_shift{{ }}
  %r = nn.bit_shift %x0, %x1 {direction = "RIGHT"} : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  check.expect_close %r, dense<[125, 0, 0]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @is_nan
func.func @is_nan() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, 0x7F800000, 0xFF800000]> : tensor<4xf32>
  // CHECK: nn.is_nan{{ }}
  %r = nn.is_nan %x0 : (tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, true, false, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @is_inf
func.func @is_inf() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, 0x7F800000, 0xFF800000]> : tensor<4xf32>
  // CHECK: nn.is_inf{{ }}
  %r = nn.is_inf %x0 : (tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, false, true, true]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @is_inf_positive
func.func @is_inf_positive() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, 0x7F800000, 0xFF800000]> : tensor<4xf32>
  // CHECK: nn.is_inf{{ }}
  %r = nn.is_inf %x0 {detect_negative = 0 : i64} : (tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, false, true, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @is_inf_never
func.func @is_inf_never() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, 0x7F800000, 0xFF800000]> : tensor<4xf32>
  // CHECK: nn.is_inf{{ }}
  %r = nn.is_inf %x0 {detect_negative = 0 : i64, detect_positive = 0 : i64} : (tensor<4xf32>) -> tensor<4xi1>
  check.expect_close %r, dense<[false, false, false, false]> : tensor<4xi1> : tensor<4xi1>
  return
}

// CHECK-LABEL: func @where
func.func @where() {
  %x0 = nn.constant dense<[[true], [false]]> : tensor<2x1xi1>
  %x1 = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %x2 = nn.constant dense<9.0> : tensor<f32>
  // CHECK: nn.where{{ }}
  %r = nn.where %x0, %x1, %x2 : (tensor<2x1xi1>, tensor<2xf32>, tensor<f32>) -> tensor<2x2xf32>
  check.expect_close %r, dense<[[1.0, 2.0], [9.0, 9.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  return
}
