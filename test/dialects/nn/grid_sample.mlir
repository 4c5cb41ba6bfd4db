// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @linear_zeros
func.func @linear_zeros() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 0 : i64, mode = "linear", padding_mode = "zeros"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-0.26499998569488525, 0.9650000333786011], [-0.3615501821041107, 0.0]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @linear_border_aligned
func.func @linear_border_aligned() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 1 : i64, mode = "linear", padding_mode = "border"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-1.059999942779541, 0.33312493562698364], [-0.6160001754760742, -0.15000000596046448]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @linear_reflection
func.func @linear_reflection() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 0 : i64, mode = "linear", padding_mode = "reflection"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-1.059999942779541, 0.9650000333786011], [-1.033000111579895, 0.17859983444213867]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @nearest_zeros
func.func @nearest_zeros() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 0 : i64, mode = "nearest", padding_mode = "zeros"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-1.059999942779541, 1.7799999713897705], [0.0, 0.0]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @nearest_reflection_aligned
func.func @nearest_reflection_aligned() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 1 : i64, mode = "nearest", padding_mode = "reflection"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-1.059999942779541, 1.7799999713897705], [-0.05999999865889549, 1.3700000047683716]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @cubic_zeros
func.func @cubic_zeros() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 0 : i64, mode = "cubic", padding_mode = "zeros"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-0.45906248688697815, 1.1792187690734863], [-0.42803138494491577, 0.0]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @cubic_reflection
func.func @cubic_reflection() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 0 : i64, mode = "cubic", padding_mode = "reflection"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-1.8362499475479126, 0.9914843440055847], [-1.1122406721115112, 0.2730713486671448]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @cubic_border_aligned
func.func @cubic_border_aligned() {
  %x0 = nn.constant dense<[[[[-1.059999942779541, 1.8600000143051147, 1.7799999713897705, 1.3899999856948853], [-0.10999999940395355, 1.3700000047683716, -1.4800000190734863, -0.7699999809265137], [-0.15000000596046448, 0.9700000286102295, -0.05999999865889549, -1.4500000476837158]]]]> : tensor<1x1x3x4xf32>
  %x1 = nn.constant dense<[[[[-1.0, -1.0], [0.25, -0.5]], [[0.6000000238418579, 1.100000023841858], [-1.399999976158142, 2.200000047683716]]]]> : tensor<1x2x2x2xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1 {align_corners = 1 : i64, mode = "cubic", padding_mode = "border"}
    : (tensor<1x1x3x4xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  check.expect_close %y0, dense<[[[[-1.059999942779541, 0.18507416546344757], [-0.7105604410171509, -0.15000000596046448]]]]> : tensor<1x1x2x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x2x2xf32>
  return
}

// CHECK-LABEL: func @volume
func.func @volume() {
  %x0 = nn.constant dense<[[[[[-0.6299999952316284, -0.699999988079071], [-0.800000011920929, -1.340000033378601]], [[-0.3400000035762787, -0.20999999344348907], [1.100000023841858, 1.190000057220459]]]]]> : tensor<1x1x2x2x2xf32>
  %x1 = nn.constant dense<[[[[[0.09000000357627869, -0.1599999964237213, 1.1100000143051147], [1.5499999523162842, 0.699999988079071, 1.2000000476837158]]]]]> : tensor<1x1x1x2x3xf32>
  // CHECK: nn.grid_sample{{ }}
  %y0 = nn.grid_sample %x0, %x1
    : (tensor<1x1x2x2x2xf32>, tensor<1x1x1x2x3xf32>) -> tensor<1x1x1x1x2xf32>
  check.expect_close %y0, dense<[[[[[0.08512762933969498, 0.0]]]]]> : tensor<1x1x1x1x2xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x1x1x2xf32>
  return
}
