// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @quantize_linear
func.func @quantize_linear() {
  %x0 = nn.constant dense<[[0.0, 1.25, -1.25, 3.0, 1000.0, -1000.0]]> : tensor<1x6xf32>
  %x1 = nn.constant dense<0.5> : tensor<f32>
  %x2 = nn.constant dense<128> : tensor<ui8>
  // CHECK: nn.quantize_linear{{ }}
  %r = nn.quantize_linear %x0, %x1, %x2 : (tensor<1x6xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x6xui8>
  check.expect_close %r, dense<[[128, 130, 126, 134, 255, 0]]> : tensor<1x6xui8> : tensor<1x6xui8>
  return
}

// CHECK-LABEL: func @quantize_linear_per_axis
func.func @quantize_linear_per_axis() {
  %x0 = nn.constant dense<[[0.0, 1.25, -1.25], [3.0, 1000.0, -1000.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %x2 = nn.constant dense<[1, -1]> : tensor<2xi8>
  // CHECK: nn.quantize_linear{{ }}
  %r = nn.quantize_linear %x0, %x1, %x2 {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2xf32>, tensor<2xi8>) -> tensor<2x3xi8>
  check.expect_close %r, dense<[[1, 2, 0], [1, 127, -128]]> : tensor<2x3xi8> : tensor<2x3xi8>
  return
}

// CHECK-LABEL: func @quantize_linear_blocked
func.func @quantize_linear_blocked() {
  %x0 = nn.constant dense<[[0.0, 1.25, -1.25, 3.0, 1000.0, -1000.0]]> : tensor<1x6xf32>
  %x1 = nn.constant dense<[[1.0, 2.0, 4.0]]> : tensor<1x3xf32>
  // CHECK: nn.quantize_linear{{ }}
  %r = nn.quantize_linear %x0, %x1 {block_size = 2 : i64} : (tensor<1x6xf32>, tensor<1x3xf32>) -> tensor<1x6xui8>
  check.expect_close %r, dense<[[0, 1, 0, 2, 250, 0]]> : tensor<1x6xui8> : tensor<1x6xui8>
  return
}

// CHECK-LABEL: func @dequantize_linear
func.func @dequantize_linear() {
  %x0 = nn.constant dense<[0, 255]> : tensor<2xui8>
  %x1 = nn.constant dense<0.5> : tensor<f32>
  %x2 = nn.constant dense<128> : tensor<ui8>
  // CHECK: nn.dequantize_linear{{ }}
  %r = nn.dequantize_linear %x0, %x1, %x2 : (tensor<2xui8>, tensor<f32>, tensor<ui8>) -> tensor<2xf32>
  check.expect_close %r, dense<[-64.0, 63.5]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @dequantize_linear_per_axis
func.func @dequantize_linear_per_axis() {
  %x0 = nn.constant dense<[[-128, 127], [1, 2]]> : tensor<2x2xi8>
  %x1 = nn.constant dense<[0.5, 2.0]> : tensor<2xf32>
  // CHECK: nn.dequantize_linear{{ }}
  %r = nn.dequantize_linear %x0, %x1 {axis = 1 : i64} : (tensor<2x2xi8>, tensor<2xf32>) -> tensor<2x2xf32>
  check.expect_close %r, dense<[[-64.0, 254.0], [0.5, 4.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  return
}
