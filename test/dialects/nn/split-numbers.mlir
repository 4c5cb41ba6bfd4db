// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of NumPy.

// CHECK-LABEL: func @uneven
func.func @uneven() {
  %x0 = nn.constant dense<[[-1.840000033378601, 1.5, -0.8899999856948853, -0.10000000149011612, 1.190000057220459], [0.8700000047683716, -1.409999966621399, 0.6299999952316284, -1.7200000286102295, -0.5699999928474426], [1.25, -0.28999999165534973, 0.4000000059604645, 0.9100000262260437, 1.2799999713897705]]> : tensor<3x5xf32>
  // CHECK: nn.split{{ }}
  %y0, %y1 = nn.split %x0 {axis = 1 : i64, num_outputs = 2 : i64}
    : (tensor<3x5xf32>) -> (tensor<3x3xf32>, tensor<3x2xf32>)
  check.expect_close %y0, dense<[[-1.840000033378601, 1.5, -0.8899999856948853], [0.8700000047683716, -1.409999966621399, 0.6299999952316284], [1.25, -0.28999999165534973, 0.4000000059604645]]> : tensor<3x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x3xf32>
  check.expect_close %y1, dense<[[-0.10000000149011612, 1.190000057220459], [-1.7200000286102295, -0.5699999928474426], [0.9100000262260437, 1.2799999713897705]]> : tensor<3x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x2xf32>
  return
}

// CHECK-LABEL: func @sizes
func.func @sizes() {
  %x0 = nn.constant dense<[[1.0399999618530273, -1.9700000286102295], [-0.3199999928474426, -0.15000000596046448], [-1.7799999713897705, 0.17000000178813934], [0.4300000071525574, 1.309999942779541]]> : tensor<4x2xf32>
  %x1 = nn.constant dense<[1, 3]> : tensor<2xi64>
  // CHECK: nn.split{{ }}
  %y0, %y1 = nn.split %x0, %x1
    : (tensor<4x2xf32>, tensor<2xi64>) -> (tensor<1x2xf32>, tensor<3x2xf32>)
  check.expect_close %y0, dense<[[1.0399999618530273, -1.9700000286102295]]> : tensor<1x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x2xf32>
  check.expect_close %y1, dense<[[-0.3199999928474426, -0.15000000596046448], [-1.7799999713897705, 0.17000000178813934], [0.4300000071525574, 1.309999942779541]]> : tensor<3x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<3x2xf32>
  return
}
