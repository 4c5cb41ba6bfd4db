// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's (erf, gamma and the like Python's math).

// CHECK-LABEL: func @add
func.func @add() {
  %x0 = nn.constant dense<[[1.5, -2.0, 0.0], [-0.0, 3.0e+38, 7.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  // CHECK: nn.add{{ }}
  %r = nn.add %x0, %x1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[3.5, -2.5, 3.0], [2.0, 3.0e+38, 10.0]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @add_wraps
func.func @add_wraps() {
  %x0 = nn.constant dense<[250, 3, 200]> : tensor<3xui8>
  %x1 = nn.constant dense<[10, 5, 0]> : tensor<3xui8>
  // CHECK: nn.add{{ }}
  %r = nn.add %x0, %x1 : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  check.expect_close %r, dense<[4, 8, 200]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @sub
func.func @sub() {
  %x0 = nn.constant dense<[[1.5, -2.0, 0.0], [-0.0, 3.0e+38, 7.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  // CHECK: nn.sub{{ }}
  %r = nn.sub %x0, %x1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[-0.5, -1.5, -3.0], [-2.0, 3.0e+38, 4.0]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @mul
func.func @mul() {
  %x0 = nn.constant dense<[[1.5, -2.0, 0.0], [-0.0, 3.0e+38, 7.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  // CHECK: nn.mul{{ }}
  %r = nn.mul %x0, %x1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[3.0, 1.0, 0.0], [-0.0, -1.5e+38, 21.0]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @div
func.func @div() {
  %x0 = nn.constant dense<[[1.5, -2.0, 0.0], [-0.0, 3.0e+38, 7.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  // CHECK: nn.div{{ }}
  %r = nn.div %x0, %x1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[0.75, 4.0, 0.0], [-0.0, 0xFF800000, 2.3333333]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @div_integers
func.func @div_integers() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -2147483648, 5]> : tensor<6xi32>
  %x1 = nn.constant dense<[2, 2, -2, -2, -1, 0]> : tensor<6xi32>
  // CHECK: nn.div{{ }}
  %r = nn.div %x0, %x1 : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi32>
  check.expect_close %r, dense<[3, -3, -3, 3, -2147483648, 0]> : tensor<6xi32> : tensor<6xi32>
  return
}

// CHECK-LABEL: func @div_unsigned
func.func @div_unsigned() {
  %x0 = nn.constant dense<[250, 3, 200]> : tensor<3xui8>
  %x1 = nn.constant dense<[10, 5, 0]> : tensor<3xui8>
  // CHECK: nn.div{{ }}
  %r = nn.div %x0, %x1 : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  check.expect_close %r, dense<[25, 0, 0]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @mod_sign_of_divisor
func.func @mod_sign_of_divisor() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -2147483648, 5]> : tensor<6xi32>
  %x1 = nn.constant dense<[2, 2, -2, -2, -1, 0]> : tensor<6xi32>
  // CHECK: nn.mod{{ }}
  %r = nn.mod %x0, %x1 : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi32>
  check.expect_close %r, dense<[1, 1, -1, -1, 0, 0]> : tensor<6xi32> : tensor<6xi32>
  return
}

// CHECK-LABEL: func @mod_sign_of_dividend
func.func @mod_sign_of_dividend() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -2147483648, 5]> : tensor<6xi32>
  %x1 = nn.constant dense<[2, 2, -2, -2, -1, 0]> : tensor<6xi32>
  // CHECK: nn.mod{{ }}
  %r = nn.mod %x0, %x1 {fmod = 1 : i64} : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi32>
  check.expect_close %r, dense<[1, -1, 1, -1, 0, 0]> : tensor<6xi32> : tensor<6xi32>
  return
}

// CHECK-LABEL: func @mod_floats
func.func @mod_floats() {
  %x0 = nn.constant dense<[5.5, -5.5, 5.5, -4.0]> : tensor<4xf32>
  %x1 = nn.constant dense<[2.0, 2.0, -2.0, 2.0]> : tensor<4xf32>
  // CHECK: nn.mod{{ }}
  %r = nn.mod %x0, %x1 {fmod = 1 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  check.expect_close %r, dense<[1.5, -1.5, 1.5, -0.0]> : tensor<4xf32> : tensor<4xf32>
  return
}

// CHECK-LABEL: func @pow
func.func @pow() {
  %x0 = nn.constant dense<[2.0, 3.0, -2.0, 0.25]> : tensor<4xf32>
  %x1 = nn.constant dense<[3.0, -1.0, 2.0, 0.5]> : tensor<4xf32>
  // CHECK: nn.pow{{ }}
  %r = nn.pow %x0, %x1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  check.expect_close %r, dense<[8.0, 0.33333334, 4.0, 0.5]> : tensor<4xf32> : tensor<4xf32>
  return
}

// CHECK-LABEL: func @pow_square
func.func @pow_square() {
  %x0 = nn.constant dense<[2.0, -3.0, 1.5]> : tensor<3xf32>
  %x1 = nn.constant dense<2> : tensor<i64>
  // CHECK: nn.pow{{ }}
  %r = nn.pow %x0, %x1 : (tensor<3xf32>, tensor<i64>) -> tensor<3xf32>
  check.expect_close %r, dense<[4.0, 9.0, 2.25]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @pow_root
func.func @pow_root() {
  %x0 = nn.constant dense<[4.0, 0.0, 2.0]> : tensor<3xf32>
  %x1 = nn.constant dense<0.5> : tensor<f32>
  // CHECK: nn.pow{{ }}
  %r = nn.pow %x0, %x1 : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  check.expect_close %r, dense<[2.0, 0.0, 1.4142135]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @pow_integers
func.func @pow_integers() {
  %x0 = nn.constant dense<[3, -2, 10, 2, -1]> : tensor<5xi64>
  %x1 = nn.constant dense<[39, 63, 0, -1, -3]> : tensor<5xi64>
  // CHECK: nn.pow{{ }}
  %r = nn.pow %x0, %x1 : (tensor<5xi64>, tensor<5xi64>) -> tensor<5xi64>
  check.expect_close %r, dense<[4052555153018976267, -9223372036854775808, 1, 0, -1]> : tensor<5xi64> : tensor<5xi64>
  return
}

// CHECK-LABEL: func @max
func.func @max() {
  %x0 = nn.constant dense<[[1.5, -2.0, 0.0], [-0.0, 3.0e+38, 7.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  %x2 = nn.constant dense<0.0> : tensor<f32>
  // CHECK: nn.max{{ }}
  %r = nn.max %x0, %x1, %x2 : (tensor<2x3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[2.0, 0.0, 3.0], [2.0, 3.0e+38, 7.0]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @max_nan
func.func @max_nan() {
  %x0 = nn.constant dense<[0x7FC00000, 1.0]> : tensor<2xf32>
  %x1 = nn.constant dense<[0.0, 0x7FC00000]> : tensor<2xf32>
  // CHECK: nn.max{{ }}
  %r = nn.max %x0, %x1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  check.expect_close %r, dense<[0x7FC00000, 0x7FC00000]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @min
func.func @min() {
  %x0 = nn.constant dense<[250, 3, 200]> : tensor<3xui8>
  %x1 = nn.constant dense<[10, 5, 0]> : tensor<3xui8>
  // CHECK: nn.min{{ }}
  %r = nn.min %x0, %x1 : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  check.expect_close %r, dense<[10, 3, 0]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @sum
func.func @sum() {
  %x0 = nn.constant dense<[[1.5, -2.0, 0.0], [-0.0, 3.0e+38, 7.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  // CHECK: nn.sum{{ }}
  %r = nn.sum %x0, %x1 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[3.5, -2.5, 3.0], [2.0, 3.0e+38, 10.0]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @mean
func.func @mean() {
  %x0 = nn.constant dense<[[1.5, -2.0, 0.0], [-0.0, 3.0e+38, 7.0]]> : tensor<2x3xf32>
  %x1 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  %x2 = nn.constant dense<1.0> : tensor<f32>
  // CHECK: nn.mean{{ }}
  %r = nn.mean %x0, %x1, %x2 : (tensor<2x3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
  check.expect_close %r, dense<[[1.5, -0.5, 1.3333334], [1.0, 1.0e+38, 3.6666667]]> : tensor<2x3xf32> : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @abs
func.func @abs() {
  %x0 = nn.constant dense<[-1.5, 0.0, 2.0]> : tensor<3xf32>
  // CHECK: nn.abs{{ }}
  %r = nn.abs %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[1.5, 0.0, 2.0]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @abs_integers
func.func @abs_integers() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -128, 5]> : tensor<6xi8>
  // CHECK: nn.abs{{ }}
  %r = nn.abs %x0 : (tensor<6xi8>) -> tensor<6xi8>
  check.expect_close %r, dense<[7, 7, 7, 7, -128, 5]> : tensor<6xi8> : tensor<6xi8>
  return
}

// CHECK-LABEL: func @neg
func.func @neg() {
  %x0 = nn.constant dense<[7, -7, 7, -7, -128, 5]> : tensor<6xi8>
  // CHECK: nn.neg{{ }}
  %r = nn.neg %x0 : (tensor<6xi8>) -> tensor<6xi8>
  check.expect_close %r, dense<[-7, 7, -7, 7, -128, -5]> : tensor<6xi8> : tensor<6xi8>
  return
}

// CHECK-LABEL: func @sign
func.func @sign() {
  %x0 = nn.constant dense<[-3.0, 0.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  // CHECK: nn.sign{{ }}
  %r = nn.sign %x0 : (tensor<4xf32>) -> tensor<4xf32>
  check.expect_close %r, dense<[-1.0, 0.0, 1.0, 0x7FC00000]> : tensor<4xf32> : tensor<4xf32>
  return
}

// CHECK-LABEL: func @sign_unsigned
func.func @sign_unsigned() {
  %x0 = nn.constant dense<[10, 5, 0]> : tensor<3xui8>
  // CHECK: nn.sign{{ }}
  %r = nn.sign %x0 : (tensor<3xui8>) -> tensor<3xui8>
  check.expect_close %r, dense<[1, 1, 0]> : tensor<3xui8> : tensor<3xui8>
  return
}

// CHECK-LABEL: func @reciprocal
func.func @reciprocal() {
  %x0 = nn.constant dense<[2.0, -0.5, 3.0]> : tensor<3xf32>
  // CHECK: nn.reciprocal{{ }}
  %r = nn.reciprocal %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.5, -2.0, 0.33333334]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @ceil
func.func @ceil() {
  %x0 = nn.constant dense<[-1.5, 0.2]> : tensor<2xf32>
  // CHECK: nn.ceil{{ }}
  %r = nn.ceil %x0 : (tensor<2xf32>) -> tensor<2xf32>
  check.expect_close %r, dense<[-1.0, 1.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @floor
func.func @floor() {
  %x0 = nn.constant dense<[-1.5, 0.2]> : tensor<2xf32>
  // CHECK: nn.floor{{ }}
  %r = nn.floor %x0 : (tensor<2xf32>) -> tensor<2xf32>
  check.expect_close %r, dense<[-2.0, 0.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @round
func.func @round() {
  %x0 = nn.constant dense<[0.5, 1.5, 2.5, -0.5, -1.5, 0.4]> : tensor<6xf32>
  // CHECK: nn.round{{ }}
  %r = nn.round %x0 : (tensor<6xf32>) -> tensor<6xf32>
  check.expect_close %r, dense<[0.0, 2.0, 2.0, -0.0, -2.0, 0.0]> : tensor<6xf32> : tensor<6xf32>
  return
}

// CHECK-LABEL: func @sqrt
func.func @sqrt() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.sqrt{{ }}
  %r = nn.sqrt %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.31622776, 0.70710677, 0.94868326]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @exp
func.func @exp() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.exp{{ }}
  %r = nn.exp %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[1.105171, 1.6487212, 2.459603]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @log
func.func @log() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.log{{ }}
  %r = nn.log %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[-2.3025851, -0.6931472, -0.105360545]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @erf
func.func @erf() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.erf{{ }}
  %r = nn.erf %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.112462915, 0.5204999, 0.7969082]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @sin
func.func @sin() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.sin{{ }}
  %r = nn.sin %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.09983342, 0.47942555, 0.7833269]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @cos
func.func @cos() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.cos{{ }}
  %r = nn.cos %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.9950042, 0.87758255, 0.62161]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @tan
func.func @tan() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.tan{{ }}
  %r = nn.tan %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.100334674, 0.5463025, 1.2601582]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @asin
func.func @asin() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.asin{{ }}
  %r = nn.asin %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.10016742, 0.5235988, 1.1197695]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @acos
func.func @acos() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.acos{{ }}
  %r = nn.acos %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[1.4706289, 1.0471976, 0.45102686]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @atan
func.func @atan() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.atan{{ }}
  %r = nn.atan %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.09966865, 0.4636476, 0.7328151]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @sinh
func.func @sinh() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.sinh{{ }}
  %r = nn.sinh %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.10016675, 0.5210953, 1.0265167]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @cosh
func.func @cosh() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.cosh{{ }}
  %r = nn.cosh %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[1.0050042, 1.127626, 1.4330864]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @tanh
func.func @tanh() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.tanh{{ }}
  %r = nn.tanh %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.099667996, 0.46211717, 0.71629786]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @asinh
func.func @asinh() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.asinh{{ }}
  %r = nn.asinh %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.09983408, 0.4812118, 0.8088669]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @atanh
func.func @atanh() {
  %x0 = nn.constant dense<[0.1, 0.5, 0.9]> : tensor<3xf32>
  // CHECK: nn.atanh{{ }}
  %r = nn.atanh %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.10033535, 0.54930615, 1.4722193]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @acosh
func.func @acosh() {
  %x0 = nn.constant dense<[1.1, 1.5, 1.9]> : tensor<3xf32>
  // CHECK: nn.acosh{{ }}
  %r = nn.acosh %x0 : (tensor<3xf32>) -> tensor<3xf32>
  check.expect_close %r, dense<[0.44356832, 0.9624236, 1.2571958]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @exp_half
func.func @exp_half() {
  %x0 = nn.constant dense<[1.0, -2.0]> : tensor<2xf16>
  // CHECK: nn.exp{{ }}
  %r = nn.exp %x0 : (tensor<2xf16>) -> tensor<2xf16>
  check.expect_close %r, dense<[2.719, 0.1354]> : tensor<2xf16> {rtol = 1.0e-3 : f64} : tensor<2xf16>
  return
}
