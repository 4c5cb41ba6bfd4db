// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @softmax
func.func @softmax() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  // CHECK: nn.softmax{{ }}
  %r = nn.softmax %x0 : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  check.expect_close %r, dense<[[[0.07885272, 0.45376605, 0.01813025, 0.449251], [0.084205866, 0.13074705, 0.66067666, 0.12437044], [0.23133023, 0.028612575, 0.52000904, 0.22004813]], [[0.10243764, 0.6385846, 0.09176713, 0.16721062], [0.1451245, 0.42309302, 0.19010793, 0.24167456], [0.24948007, 0.03806819, 0.08643382, 0.6260179]]]> : tensor<2x3x4xf32> : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @softmax_inner_axis
func.func @softmax_inner_axis() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  // CHECK: nn.softmax{{ }}
  %r = nn.softmax %x0 {axis = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  check.expect_close %r, dense<[[[0.38297108, 0.8724405, 0.036111817, 0.76308835], [0.17208, 0.10577292, 0.55369836, 0.08888771], [0.4449489, 0.021786587, 0.41018984, 0.14802392]], [[0.14654243, 0.7430985, 0.26699412, 0.102924], [0.06717593, 0.15930627, 0.17897151, 0.048134096], [0.78628165, 0.09759523, 0.55403435, 0.8489419]]]> : tensor<2x3x4xf32> : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @softmax_flattened
func.func @softmax_flattened() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  // CHECK: nn.softmax{{ }}
  %r = nn.softmax %x0 {axis = 1 : i64, flatten} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  check.expect_close %r, dense<[[[0.043402113, 0.2497619, 0.009979252, 0.24727672], [0.019501826, 0.030280625, 0.15301073, 0.028803822], [0.05042606, 0.006237055, 0.11335314, 0.047966752]], [[0.02904638, 0.18107183, 0.02602074, 0.04741288], [0.013315035, 0.03881838, 0.017442223, 0.022173412], [0.15584998, 0.023781165, 0.053995132, 0.39107284]]]> : tensor<2x3x4xf32> : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @softmax_no_overflow
func.func @softmax_no_overflow() {
  %x0 = nn.constant dense<[1000.0, 1000.0]> : tensor<2xf32>
  // CHECK: nn.softmax{{ }}
  %r = nn.softmax %x0 : (tensor<2xf32>) -> tensor<2xf32>
  check.expect_close %r, dense<[0.5, 0.5]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @softmax_half
func.func @softmax_half() {
  %x0 = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf16>
  // CHECK: nn.softmax{{ }}
  %r = nn.softmax %x0 : (tensor<3xf16>) -> tensor<3xf16>
  check.expect_close %r, dense<[0.09, 0.2448, 0.665]> : tensor<3xf16> {rtol = 1.0e-3 : f64} : tensor<3xf16>
  return
}

// CHECK-LABEL: func @log_softmax
func.func @log_softmax() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  // CHECK: nn.log_softmax{{ }}
  %r = nn.log_softmax %x0 : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  check.expect_close %r, dense<[[[-2.5401735, -0.79017353, -4.0101733, -0.8001735], [-2.4744906, -2.0344908, -0.41449076, -2.0844908], [-1.463909, -3.553909, -0.653909, -1.513909]], [[-2.278501, -0.4485011, -2.3885012, -1.788501], [-1.9301633, -0.8601633, -1.6601633, -1.4201633], [-1.3883762, -3.2683764, -2.4483762, -0.46837628]]]> : tensor<2x3x4xf32> {rtol = 1.0e-5 : f64} : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @hardmax
func.func @hardmax() {
  %x0 = nn.constant dense<[[1.0, 3.0, 3.0], [2.0, 0.0, 1.0]]> : tensor<2x3xf32>
  // CHECK: nn.hardmax{{ }}
  %r = nn.hardmax %x0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}
