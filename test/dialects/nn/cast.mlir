// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of NumPy and of Python's ml_dtypes.

// CHECK-LABEL: func @to_i64
func.func @to_i64() {
  %x0 = nn.constant dense<[1.9, -1.9, 0.0]> : tensor<3xf32>
  // CHECK: nn.cast{{ }}
  %r = nn.cast %x0 {to = i64} : (tensor<3xf32>) -> tensor<3xi64>
  check.expect_close %r, dense<[1, -1, 0]> : tensor<3xi64> : tensor<3xi64>
  return
}

// CHECK-LABEL: func @wraps
func.func @wraps() {
  %x0 = nn.constant dense<[300, -1]> : tensor<2xi32>
  // CHECK: nn.cast{{ }}
  %r = nn.cast %x0 {to = ui8} : (tensor<2xi32>) -> tensor<2xui8>
  check.expect_close %r, dense<[44, 255]> : tensor<2xui8> : tensor<2xui8>
  return
}

// CHECK-LABEL: func @to_bool
func.func @to_bool() {
  %x0 = nn.constant dense<[0.0, 0.5, 0x7FC00000]> : tensor<3xf32>
  // CHECK: nn.cast{{ }}
  %r = nn.cast %x0 {to = i1} : (tensor<3xf32>) -> tensor<3xi1>
  check.expect_close %r, dense<[false, true, true]> : tensor<3xi1> : tensor<3xi1>
  return
}

// CHECK-LABEL: func @from_bool
func.func @from_bool() {
  %x0 = nn.constant dense<[true, false]> : tensor<2xi1>
  // CHECK: nn.cast{{ }}
  %r = nn.cast %x0 {to = f32} : (tensor<2xi1>) -> tensor<2xf32>
  check.expect_close %r, dense<[1.0, 0.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @from_unsigned
func.func @from_unsigned() {
  %x0 = nn.constant dense<[200, 1]> : tensor<2xui8>
  // CHECK: nn.cast{{ }}
  %r = nn.cast %x0 {to = f32} : (tensor<2xui8>) -> tensor<2xf32>
  check.expect_close %r, dense<[200.0, 1.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @to_f32
func.func @to_f32() {
  %x0 = nn.constant dense<[1.0000000001, 1.0e+39]> : tensor<2xf64>
  // CHECK: nn.cast{{ }}
  %r = nn.cast %x0 {to = f32} : (tensor<2xf64>) -> tensor<2xf32>
  check.expect_close %r, dense<[1.0, 0x7F800000]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @to_f16_rounds_once
func.func @to_f16_rounds_once() {
  %x0 = nn.constant dense<[65519.999999, 2049.0, 5.9604645e-08]> : tensor<3xf64>
  // CHECK: nn.cast{{ }}
  %r = nn.cast %x0 {to = f16} : (tensor<3xf64>) -> tensor<3xf16>
  check.expect_close %r, dense<[65500.0, 2048.0, 6.0e-08]> : tensor<3xf16> : tensor<3xf16>
  return
}

// CHECK-LABEL: func @f8e4m3fn_saturates
func.func @f8e4m3fn_saturates() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {to = f8E4M3FN} : (tensor<9xf32>) -> tensor<9xf8E4M3FN>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E4M3FN>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.46875, 1.0, 1.25, -0.0, 0.001953125, -448.0, 448.0, 448.0, 0x7FC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e4m3fn_overflows
func.func @f8e4m3fn_overflows() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {saturate = 0 : i64, to = f8E4M3FN} : (tensor<9xf32>) -> tensor<9xf8E4M3FN>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E4M3FN>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.46875, 1.0, 1.25, -0.0, 0.001953125, 0xFFC00000, 0x7FC00000, 0x7FC00000, 0x7FC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e4m3fnuz_saturates
func.func @f8e4m3fnuz_saturates() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {to = f8E4M3FNUZ} : (tensor<9xf32>) -> tensor<9xf8E4M3FNUZ>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E4M3FNUZ>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.46875, 1.0, 1.25, 0.0, 0.0009765625, -240.0, 240.0, 240.0, 0xFFC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e4m3fnuz_overflows
func.func @f8e4m3fnuz_overflows() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {saturate = 0 : i64, to = f8E4M3FNUZ} : (tensor<9xf32>) -> tensor<9xf8E4M3FNUZ>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E4M3FNUZ>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.46875, 1.0, 1.25, 0.0, 0.0009765625, 0xFFC00000, 0xFFC00000, 0xFFC00000, 0xFFC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e5m2_saturates
func.func @f8e5m2_saturates() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {to = f8E5M2} : (tensor<9xf32>) -> tensor<9xf8E5M2>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E5M2>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.5, 1.0, 1.25, -0.0, 0.0009765625, -57344.0, 57344.0, 57344.0, 0x7FC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e5m2_overflows
func.func @f8e5m2_overflows() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {saturate = 0 : i64, to = f8E5M2} : (tensor<9xf32>) -> tensor<9xf8E5M2>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E5M2>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.5, 1.0, 1.25, -0.0, 0.0009765625, 0xFF800000, 0x7F800000, 0x7F800000, 0x7FC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e5m2fnuz_saturates
func.func @f8e5m2fnuz_saturates() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {to = f8E5M2FNUZ} : (tensor<9xf32>) -> tensor<9xf8E5M2FNUZ>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E5M2FNUZ>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.5, 1.0, 1.25, 0.0, 0.0009765625, -57344.0, 57344.0, 57344.0, 0xFFC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e5m2fnuz_overflows
func.func @f8e5m2fnuz_overflows() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {saturate = 0 : i64, to = f8E5M2FNUZ} : (tensor<9xf32>) -> tensor<9xf8E5M2FNUZ>
  %back = nn.cast %small {to = f32} : (tensor<9xf8E5M2FNUZ>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.5, 1.0, 1.25, 0.0, 0.0009765625, 0xFFC00000, 0xFFC00000, 0xFFC00000, 0xFFC00000]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f4e2m1fn
func.func @f4e2m1fn() {
  %x = nn.constant dense<[0.48, 1.0625, 1.1875, -0.0, 0.001, -1000000.0, 1000000.0, 0x7F800000, 0x7FC00000]> : tensor<9xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {to = f4E2M1FN} : (tensor<9xf32>) -> tensor<9xf4E2M1FN>
  %back = nn.cast %small {to = f32} : (tensor<9xf4E2M1FN>) -> tensor<9xf32>
  check.expect_close %back, dense<[0.5, 1.0, 1.0, -0.0, 0.0, -6.0, 6.0, 6.0, -0.0]> : tensor<9xf32> : tensor<9xf32>
  return
}

// CHECK-LABEL: func @f8e8m0fnu_up
func.func @f8e8m0fnu_up() {
  %x = nn.constant dense<[0.0, 0.124, 0.25, 1.1, 1.5, 3.0e+38, 0x7F800000, 0x7FC00000]> : tensor<8xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {round_mode = "up", to = f8E8M0FNU} : (tensor<8xf32>) -> tensor<8xf8E8M0FNU>
  %back = nn.cast %small {to = f32} : (tensor<8xf8E8M0FNU>) -> tensor<8xf32>
  check.expect_close %back, dense<[5.877472e-39, 0.125, 0.25, 2.0, 2.0, 1.7014118e+38, 0x7FC00000, 0x7FC00000]> : tensor<8xf32> : tensor<8xf32>
  return
}

// CHECK-LABEL: func @f8e8m0fnu_down
func.func @f8e8m0fnu_down() {
  %x = nn.constant dense<[0.0, 0.124, 0.25, 1.1, 1.5, 3.0e+38, 0x7F800000, 0x7FC00000]> : tensor<8xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {round_mode = "down", to = f8E8M0FNU} : (tensor<8xf32>) -> tensor<8xf8E8M0FNU>
  %back = nn.cast %small {to = f32} : (tensor<8xf8E8M0FNU>) -> tensor<8xf32>
  check.expect_close %back, dense<[5.877472e-39, 0.0625, 0.25, 1.0, 1.0, 1.7014118e+38, 0x7FC00000, 0x7FC00000]> : tensor<8xf32> : tensor<8xf32>
  return
}

// CHECK-LABEL: func @f8e8m0fnu_nearest
func.func @f8e8m0fnu_nearest() {
  %x = nn.constant dense<[0.0, 0.124, 0.25, 1.1, 1.5, 3.0e+38, 0x7F800000, 0x7FC00000]> : tensor<8xf32>
  // CHECK: nn.cast{{ }}
  %small = nn.cast %x {round_mode = "nearest", to = f8E8M0FNU} : (tensor<8xf32>) -> tensor<8xf8E8M0FNU>
  %back = nn.cast %small {to = f32} : (tensor<8xf8E8M0FNU>) -> tensor<8xf32>
  check.expect_close %back, dense<[5.877472e-39, 0.125, 0.25, 1.0, 2.0, 1.7014118e+38, 0x7FC00000, 0x7FC00000]> : tensor<8xf32> : tensor<8xf32>
  return
}
