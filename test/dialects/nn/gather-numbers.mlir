// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of NumPy.

// CHECK-LABEL: func @rows
func.func @rows() {
  %x0 = nn.constant dense<[[1.7699999809265137, -1.4900000095367432, -1.0800000429153442], [0.6399999856948853, -1.4700000286102295, -1.100000023841858], [0.30000001192092896, -1.3200000524520874, 1.1299999952316284], [1.4299999475479126, -1.8700000047683716, 0.12999999523162842]]> : tensor<4x3xf32>
  %x1 = nn.constant dense<[[3, -4], [0, 1]]> : tensor<2x2xi64>
  // CHECK: nn.gather{{ }}
  %y0 = nn.gather %x0, %x1
    : (tensor<4x3xf32>, tensor<2x2xi64>) -> tensor<2x2x3xf32>
  check.expect_close %y0, dense<[[[1.4299999475479126, -1.8700000047683716, 0.12999999523162842], [1.7699999809265137, -1.4900000095367432, -1.0800000429153442]], [[1.7699999809265137, -1.4900000095367432, -1.0800000429153442], [0.6399999856948853, -1.4700000286102295, -1.100000023841858]]]> : tensor<2x2x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x2x3xf32>
  return
}

// CHECK-LABEL: func @columns
func.func @columns() {
  %x0 = nn.constant dense<[[1.190000057220459, 1.899999976158142, -0.8999999761581421, -1.3200000524520874], [1.5099999904632568, 1.6399999856948853, -1.2100000381469727, -0.23000000417232513]]> : tensor<2x4xf32>
  %x1 = nn.constant dense<[1, 1, -1]> : tensor<3xi32>
  // CHECK: nn.gather{{ }}
  %y0 = nn.gather %x0, %x1 {axis = 1 : i64}
    : (tensor<2x4xf32>, tensor<3xi32>) -> tensor<2x3xf32>
  check.expect_close %y0, dense<[[1.899999976158142, 1.899999976158142, -1.3200000524520874], [1.6399999856948853, 1.6399999856948853, -0.23000000417232513]]> : tensor<2x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @scalar_index
func.func @scalar_index() {
  %x0 = nn.constant dense<[[[0.8799999952316284, 1.3799999952316284], [-1.3300000429153442, 0.6600000262260437], [1.2300000190734863, 0.20000000298023224]], [[-1.340000033378601, -1.8600000143051147], [-0.8700000047683716, 1.2300000190734863], [-1.8200000524520874, -1.9700000286102295]]]> : tensor<2x3x2xf32>
  %x1 = nn.constant dense<1> : tensor<i64>
  // CHECK: nn.gather{{ }}
  %y0 = nn.gather %x0, %x1 {axis = 1 : i64}
    : (tensor<2x3x2xf32>, tensor<i64>) -> tensor<2x2xf32>
  check.expect_close %y0, dense<[[-1.3300000429153442, 0.6600000262260437], [-0.8700000047683716, 1.2300000190734863]]> : tensor<2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<2x2xf32>
  return
}
