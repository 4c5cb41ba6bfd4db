// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @lrn
func.func @lrn() {
  %x0 = nn.constant dense<[[[-1.09, 2.55], [-0.17, 1.16], [-2.36, -2.37], [-1.79, 2.31], [1.08, 2.1], [0.87, -0.56]]]> : tensor<1x6x2xf32>
  // CHECK: nn.lrn{{ }}
  %r = nn.lrn %x0 {alpha = 0.5 : f32, size = 3 : i64} : (tensor<1x6x2xf32>) -> tensor<1x6x2xf32>
  check.expect_close %r, dense<[[[-0.94901353, 1.3617926], [-0.09638203, 0.47987777], [-1.1988696, -1.0269479], [-0.86019754, 0.89120734], [0.6795821, 1.0035284], [0.7062413, -0.36228138]]]> : tensor<1x6x2xf32> : tensor<1x6x2xf32>
  return
}

// CHECK-LABEL: func @lrn_even_size
func.func @lrn_even_size() {
  %x0 = nn.constant dense<[[[-1.09, 2.55], [-0.17, 1.16], [-2.36, -2.37], [-1.79, 2.31], [1.08, 2.1], [0.87, -0.56]]]> : tensor<1x6x2xf32>
  // CHECK: nn.lrn{{ }}
  %r = nn.lrn %x0 {alpha = 0.25 : f32, beta = 0.5 : f32, bias = 2.0 : f32, size = 4 : i64} : (tensor<1x6x2xf32>) -> tensor<1x6x2xf32>
  check.expect_close %r, dense<[[[-0.70007676, 1.5127305], [-0.104937896, 0.6510006], [-1.4571614, -1.3583306], [-1.0957572, 1.3381947], [0.7089841, 1.2952279], [0.5974894, -0.36963695]]]> : tensor<1x6x2xf32> {rtol = 1.0e-5 : f64} : tensor<1x6x2xf32>
  return
}
