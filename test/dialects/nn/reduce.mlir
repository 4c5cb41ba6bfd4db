// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @reduce_sum
func.func @reduce_sum() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.reduce_sum{{ }}
  %r = nn.reduce_sum %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x1x4xf32>
  check.expect_close %r, dense<[[[-0.5, -0.39999998, 0.9, 1.5799999]], [[-1.1400001, -0.120000005, -2.04, 0.78]]]> : tensor<2x1x4xf32> : tensor<2x1x4xf32>
  return
}

// CHECK-LABEL: func @sum_of_two_axes
func.func @sum_of_two_axes() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[-1, 0]> : tensor<2xi64>
  // CHECK: nn.reduce_sum{{ }}
  %r = nn.reduce_sum %x0, %x1 {keepdims = 0 : i64} : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<3xf32>
  check.expect_close %r, dense<[1.7099998, -4.1, 1.45]> : tensor<3xf32> : tensor<3xf32>
  return
}

// CHECK-LABEL: func @sum_of_all
func.func @sum_of_all() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  // CHECK: nn.reduce_sum{{ }}
  %r = nn.reduce_sum %x0 : (tensor<2x3x4xf32>) -> tensor<1x1x1xf32>
  check.expect_close %r, dense<[[[-0.94000053]]]> : tensor<1x1x1xf32> : tensor<1x1x1xf32>
  return
}

// CHECK-LABEL: func @sum_of_none
func.func @sum_of_none() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  // CHECK: nn.reduce_sum{{ }}
  %r = nn.reduce_sum %x0 {noop_with_empty_axes = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  check.expect_close %r, dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32> : tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @sum_of_integers
func.func @sum_of_integers() {
  %x0 = nn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_sum{{ }}
  %r = nn.reduce_sum %x0, %x1 : (tensor<2x2xi64>, tensor<1xi64>) -> tensor<1x2xi64>
  check.expect_close %r, dense<[[4, 6]]> : tensor<1x2xi64> : tensor<1x2xi64>
  return
}

// CHECK-LABEL: func @reduce_mean
func.func @reduce_mean() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[2]> : tensor<1xi64>
  // CHECK: nn.reduce_mean{{ }}
  %r = nn.reduce_mean %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x3x1xf32>
  check.expect_close %r, dense<[[[0.55499995], [-0.027500004], [-0.1325]], [[-0.12750001], [-0.9975], [0.495]]]> : tensor<2x3x1xf32> : tensor<2x3x1xf32>
  return
}

// CHECK-LABEL: func @mean_of_integers
func.func @mean_of_integers() {
  %x0 = nn.constant dense<[200, 100, 250]> : tensor<3xui8>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_mean{{ }}
  %r = nn.reduce_mean %x0, %x1 : (tensor<3xui8>, tensor<1xi64>) -> tensor<1xui8>
  check.expect_close %r, dense<[183]> : tensor<1xui8> : tensor<1xui8>
  return
}

// CHECK-LABEL: func @reduce_prod
func.func @reduce_prod() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.reduce_prod{{ }}
  %r = nn.reduce_prod %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x1x4xf32>
  check.expect_close %r, dense<[[[-0.0075000003, 1.0546199, -1.8788018, -0.09666]], [[0.99280006, 0.39467996, -0.056406002, 0.34656]]]> : tensor<2x1x4xf32> : tensor<2x1x4xf32>
  return
}

// CHECK-LABEL: func @reduce_max
func.func @reduce_max() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_max{{ }}
  %r = nn.reduce_max %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<1x3x4xf32>
  check.expect_close %r, dense<[[[0.05, 1.8, -0.79, 1.79], [-0.75, -0.31, 1.31, -0.36], [1.0, -0.88, 1.01, 1.92]]]> : tensor<1x3x4xf32> : tensor<1x3x4xf32>
  return
}

// CHECK-LABEL: func @max_of_nan
func.func @max_of_nan() {
  %x0 = nn.constant dense<[1.0, 0x7FC00000, 3.0]> : tensor<3xf32>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_max{{ }}
  %r = nn.reduce_max %x0, %x1 : (tensor<3xf32>, tensor<1xi64>) -> tensor<1xf32>
  check.expect_close %r, dense<[0x7FC00000]> : tensor<1xf32> : tensor<1xf32>
  return
}

// CHECK-LABEL: func @max_of_nothing
func.func @max_of_nothing() {
  %x0 = nn.constant dense<[]> : tensor<0xf32>
  // CHECK: nn.reduce_max{{ }}
  %r = nn.reduce_max %x0 : (tensor<0xf32>) -> tensor<1xf32>
  check.expect_close %r, dense<[0xFF800000]> : tensor<1xf32> : tensor<1xf32>
  return
}

// CHECK-LABEL: func @max_unsigned
func.func @max_unsigned() {
  %x0 = nn.constant dense<[3, 200]> : tensor<2xui8>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_max{{ }}
  %r = nn.reduce_max %x0, %x1 : (tensor<2xui8>, tensor<1xi64>) -> tensor<1xui8>
  check.expect_close %r, dense<[200]> : tensor<1xui8> : tensor<1xui8>
  return
}

// CHECK-LABEL: func @max_of_bools
func.func @max_of_bools() {
  %x0 = nn.constant dense<[false, true]> : tensor<2xi1>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_max{{ }}
  %r = nn.reduce_max %x0, %x1 : (tensor<2xi1>, tensor<1xi64>) -> tensor<1xi1>
  check.expect_close %r, dense<[true]> : tensor<1xi1> : tensor<1xi1>
  return
}

// CHECK-LABEL: func @reduce_min
func.func @reduce_min() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_min{{ }}
  %r = nn.reduce_min %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<1x3x4xf32>
  check.expect_close %r, dense<[[[-0.68, 1.15, -1.42, -0.19], [-1.46, -0.39, -1.19, -0.95], [0.2, -1.89, -0.06, 0.15]]]> : tensor<1x3x4xf32> : tensor<1x3x4xf32>
  return
}

// CHECK-LABEL: func @min_signed
func.func @min_signed() {
  %x0 = nn.constant dense<[-3, 100]> : tensor<2xi8>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_min{{ }}
  %r = nn.reduce_min %x0, %x1 : (tensor<2xi8>, tensor<1xi64>) -> tensor<1xi8>
  check.expect_close %r, dense<[-3]> : tensor<1xi8> : tensor<1xi8>
  return
}

// CHECK-LABEL: func @reduce_l1
func.func @reduce_l1() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.reduce_l1{{ }}
  %r = nn.reduce_l1 %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x1x4xf32>
  check.expect_close %r, dense<[[[1.0, 4.0, 3.74, 2.3000002]], [[3.14, 2.42, 2.04, 3.06]]]> : tensor<2x1x4xf32> : tensor<2x1x4xf32>
  return
}

// CHECK-LABEL: func @reduce_l2
func.func @reduce_l2() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.reduce_l2{{ }}
  %r = nn.reduce_l2 %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x1x4xf32>
  check.expect_close %r, dense<[[[0.7778175, 2.6283455, 2.1800458, 1.8319935]], [[1.8957849, 1.4996667, 1.4296154, 2.1505814]]]> : tensor<2x1x4xf32> : tensor<2x1x4xf32>
  return
}

// CHECK-LABEL: func @reduce_sum_square
func.func @reduce_sum_square() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.reduce_sum_square{{ }}
  %r = nn.reduce_sum_square %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x1x4xf32>
  check.expect_close %r, dense<[[[0.605, 6.9082, 4.7525997, 3.3562]], [[3.594, 2.249, 2.0438, 4.625]]]> : tensor<2x1x4xf32> : tensor<2x1x4xf32>
  return
}

// CHECK-LABEL: func @reduce_log_sum
func.func @reduce_log_sum() {
  %x0 = nn.constant dense<[[[0.55, 2.3, 1.92, 2.29], [1.25, 0.81, 1.81, 0.86], [0.7, 2.3899999, 1.51, 0.65]], [[1.1800001, 1.65, 1.29, 0.69], [1.96, 0.89, 1.69, 1.45], [1.5, 1.38, 0.56, 2.42]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.reduce_log_sum{{ }}
  %r = nn.reduce_log_sum %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x1x4xf32>
  check.expect_close %r, dense<[[[0.91629076, 1.7047482, 1.6563215, 1.3350011]], [[1.5347145, 1.3660917, 1.2641268, 1.5173228]]]> : tensor<2x1x4xf32> : tensor<2x1x4xf32>
  return
}

// CHECK-LABEL: func @reduce_log_sum_exp
func.func @reduce_log_sum_exp() {
  %x0 = nn.constant dense<[[[0.05, 1.8, -1.42, 1.79], [-0.75, -0.31, 1.31, -0.36], [0.2, -1.89, 1.01, 0.15]], [[-0.68, 1.15, -0.79, -0.19], [-1.46, -0.39, -1.19, -0.95], [1.0, -0.88, -0.06, 1.92]]]> : tensor<2x3x4xf32>
  %x1 = nn.constant dense<[1]> : tensor<1xi64>
  // CHECK: nn.reduce_log_sum_exp{{ }}
  %r = nn.reduce_log_sum_exp %x0, %x1 : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x1x4xf32>
  check.expect_close %r, dense<[[[1.0097958, 1.9364607, 1.9011352, 2.0603814]], [[1.2404402, 1.4469267, 0.5305286, 2.0837646]]]> : tensor<2x1x4xf32> : tensor<2x1x4xf32>
  return
}

// CHECK-LABEL: func @log_sum_exp_no_overflow
func.func @log_sum_exp_no_overflow() {
  %x0 = nn.constant dense<[1000.0, 1000.0]> : tensor<2xf32>
  %x1 = nn.constant dense<[0]> : tensor<1xi64>
  // CHECK: nn.reduce_log_sum_exp{{ }}
  %r = nn.reduce_log_sum_exp %x0, %x1 {keepdims = 0 : i64} : (tensor<2xf32>, tensor<1xi64>) -> tensor<f32>
  check.expect_close %r, dense<1000.6932> : tensor<f32> : tensor<f32>
  return
}

// CHECK-LABEL: func @sum_of_halves_overflows
func.func @sum_of_halves_overflows() {
  %x0 = nn.constant dense<[2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0]> : tensor<64xf16>
  // CHECK: nn.reduce_sum{{ }}
  %r = nn.reduce_sum %x0 : (tensor<64xf16>) -> tensor<1xf16>
  check.expect_close %r, dense<[0x7C00]> : tensor<1xf16> : tensor<1xf16>
  return
}

// CHECK-LABEL: func @mean_of_halves_accumulates_in_f32
func.func @mean_of_halves_accumulates_in_f32() {
  %x0 = nn.constant dense<[2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0, 2048.0]> : tensor<64xf16>
  // CHECK: nn.reduce_mean{{ }}
  %r = nn.reduce_mean %x0 : (tensor<64xf16>) -> tensor<1xf16>
  check.expect_close %r, dense<[2048.0]> : tensor<1xf16> : tensor<1xf16>
  return
}
