// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @bit_cast
func.func @bit_cast() {
  %x0 = nn.constant dense<[1.0, -0.0]> : tensor<2xf32>
  // CHECK: nn.bit_cast{{ }}
  %r = nn.bit_cast %x0 {to = i32} : (tensor<2xf32>) -> tensor<2xi32>
  check.expect_close %r, dense<[1065353216, -2147483648]> : tensor<2xi32> : tensor<2xi32>
  return
}

// CHECK-LABEL: func @sign
func.func @sign() {
  %x0 = nn.constant dense<[-1]> : tensor<1xi8>
  // CHECK: nn.bit_cast{{ }}
  %r = nn.bit_cast %x0 {to = ui8} : (tensor<1xi8>) -> tensor<1xui8>
  check.expect_close %r, dense<[255]> : tensor<1xui8> : tensor<1xui8>
  return
}

// CHECK-LABEL: func @bool
func.func @bool() {
  %x0 = nn.constant dense<[true, false]> : tensor<2xi1>
  // CHECK: nn.bit_cast{{ }}
  %r = nn.bit_cast %x0 {to = ui8} : (tensor<2xi1>) -> tensor<2xui8>
  check.expect_close %r, dense<[1, 0]> : tensor<2xui8> : tensor<2xui8>
  return
}
