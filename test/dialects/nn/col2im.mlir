// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of onnx.reference.

// CHECK-LABEL: func @overlapping
func.func @overlapping() {
  %x0 = nn.constant dense<[[[1.7599999904632568, -1.840000033378601, 1.5, -0.8899999856948853], [-0.10000000149011612, 1.190000057220459, 0.8700000047683716, -1.409999966621399], [0.6299999952316284, -1.7200000286102295, -0.5699999928474426, 1.25], [-0.28999999165534973, 0.4000000059604645, 0.9100000262260437, 1.2799999713897705]]]> : tensor<1x4x4xf32>
  %x1 = nn.constant dense<[3, 3]> : tensor<2xi64>
  %x2 = nn.constant dense<[2, 2]> : tensor<2xi64>
  // CHECK: nn.col2im{{ }}
  %y0 = nn.col2im %x0, %x1, %x2
    : (tensor<1x4x4xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x1x3x3xf32>
  check.expect_close %y0, dense<[[[[1.7599999904632568, -1.940000057220459, 1.190000057220459], [2.130000114440918, -2.0299999713897705, -1.0099999904632568], [-0.5699999928474426, 2.1600000858306885, 1.2799999713897705]]]]> : tensor<1x1x3x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x3x3xf32>
  return
}

// CHECK-LABEL: func @strides_and_pads
func.func @strides_and_pads() {
  %x0 = nn.constant dense<[[[1.0399999618530273, -1.9700000286102295, -0.3199999928474426, -0.15000000596046448], [-1.7799999713897705, 0.17000000178813934, 0.4300000071525574, 1.309999942779541], [1.7699999809265137, -1.4900000095367432, -1.0800000429153442, 0.6399999856948853], [-1.4700000286102295, -1.100000023841858, 0.30000001192092896, -1.3200000524520874]]]> : tensor<1x4x4xf32>
  %x1 = nn.constant dense<[3, 3]> : tensor<2xi64>
  %x2 = nn.constant dense<[2, 2]> : tensor<2xi64>
  // CHECK: nn.col2im{{ }}
  %y0 = nn.col2im %x0, %x1, %x2 {pads = array<i64: 0, 0, 1, 1>, strides = array<i64: 2, 2>}
    : (tensor<1x4x4xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x1x3x3xf32>
  check.expect_close %y0, dense<[[[[1.0399999618530273, -1.7799999713897705, -1.9700000286102295], [1.7699999809265137, -1.4700000286102295, -1.4900000095367432], [-0.3199999928474426, 0.4300000071525574, -0.15000000596046448]]]]> : tensor<1x1x3x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x3x3xf32>
  return
}

// CHECK-LABEL: func @dilations
func.func @dilations() {
  %x0 = nn.constant dense<[[[1.1299999952316284], [1.4299999475479126], [-1.8700000047683716], [0.12999999523162842]]]> : tensor<1x4x1xf32>
  %x1 = nn.constant dense<[3, 3]> : tensor<2xi64>
  %x2 = nn.constant dense<[2, 2]> : tensor<2xi64>
  // CHECK: nn.col2im{{ }}
  %y0 = nn.col2im %x0, %x1, %x2 {dilations = array<i64: 2, 2>}
    : (tensor<1x4x1xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x1x3x3xf32>
  check.expect_close %y0, dense<[[[[1.1299999952316284, 0.0, 1.4299999475479126], [0.0, 0.0, 0.0], [-1.8700000047683716, 0.0, 0.12999999523162842]]]]> : tensor<1x1x3x3xf32> {rtol = 1.0e-5, atol = 1.0e-6} : tensor<1x1x3x3xf32>
  return
}
