// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are NumPy's.

// CHECK-LABEL: func @relu
func.func @relu() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.relu{{ }}
  %r = nn.relu %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[0.0, 0.0, 0.0, 0.5, 3.0]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @relu_nan
func.func @relu_nan() {
  %x0 = nn.constant dense<[0x7FC00000, 0xFF800000]> : tensor<2xf32>
  // CHECK: nn.relu{{ }}
  %r = nn.relu %x0 : (tensor<2xf32>) -> tensor<2xf32>
  check.expect_close %r, dense<[0x7FC00000, 0.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @leaky_relu
func.func @leaky_relu() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.leaky_relu{{ }}
  %r = nn.leaky_relu %x0 {alpha = 0.1 : f32} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-0.2, -0.05, 0.0, 0.5, 3.0]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @thresholded_relu
func.func @thresholded_relu() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.thresholded_relu{{ }}
  %r = nn.thresholded_relu %x0 {alpha = 0.5 : f32} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[0.0, 0.0, 0.0, 0.0, 3.0]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @elu
func.func @elu() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.elu{{ }}
  %r = nn.elu %x0 {alpha = 2.0 : f32} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-1.7293295, -0.78693867, 0.0, 0.5, 3.0]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @celu
func.func @celu() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.celu{{ }}
  %r = nn.celu %x0 {alpha = 2.0 : f32} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-1.2642411, -0.44239843, 0.0, 0.5, 3.0]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @selu
func.func @selu() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.selu{{ }}
  %r = nn.selu %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-1.5201665, -0.6917582, 0.0, 0.5253505, 3.152103]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @sigmoid
func.func @sigmoid() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.sigmoid{{ }}
  %r = nn.sigmoid %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[0.11920292, 0.37754068, 0.5, 0.62245935, 0.95257413]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @hard_sigmoid
func.func @hard_sigmoid() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.hard_sigmoid{{ }}
  %r = nn.hard_sigmoid %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[0.099999994, 0.4, 0.5, 0.6, 1.0]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @hard_sigmoid_parameters
func.func @hard_sigmoid_parameters() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.hard_sigmoid{{ }}
  %r = nn.hard_sigmoid %x0 {alpha = 0.25 : f32, beta = 0.125 : f32} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[0.0, 0.0, 0.125, 0.25, 0.875]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @hard_swish
func.func @hard_swish() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.hard_swish{{ }}
  %r = nn.hard_swish %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-0.33333334, -0.20833333, 0.0, 0.29166666, 3.0]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @swish
func.func @swish() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.swish{{ }}
  %r = nn.swish %x0 {alpha = 1.5 : f32} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-0.09485175, -0.16041066, 0.0, 0.33958936, 2.967039]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @mish
func.func @mish() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.mish{{ }}
  %r = nn.mish %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-0.2525015, -0.22074378, 0.0, 0.3752452, 2.986535]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @softplus
func.func @softplus() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.softplus{{ }}
  %r = nn.softplus %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[0.12692802, 0.474077, 0.6931472, 0.974077, 3.0485873]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @softsign
func.func @softsign() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.softsign{{ }}
  %r = nn.softsign %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-0.6666667, -0.33333334, 0.0, 0.33333334, 0.75]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @gelu
func.func @gelu() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.gelu{{ }}
  %r = nn.gelu %x0 : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-0.045500264, -0.15426877, 0.0, 0.34573123, 2.9959502]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @gelu_tanh
func.func @gelu_tanh() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.gelu{{ }}
  %r = nn.gelu %x0 {approximate = "tanh"} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-0.045402307, -0.154286, 0.0, 0.345714, 2.9963627]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @shrink
func.func @shrink() {
  %x0 = nn.constant dense<[-2.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>
  // CHECK: nn.shrink{{ }}
  %r = nn.shrink %x0 {bias = 0.5 : f32, lambd = 1.0 : f32} : (tensor<5xf32>) -> tensor<5xf32>
  check.expect_close %r, dense<[-1.5, 0.0, 0.0, 0.0, 2.5]> : tensor<5xf32> : tensor<5xf32>
  return
}

// CHECK-LABEL: func @shrink_integers
func.func @shrink_integers() {
  %x0 = nn.constant dense<[-3, -1, 2]> : tensor<3xi32>
  // CHECK: nn.shrink{{ }}
  %r = nn.shrink %x0 {bias = 1.0 : f32, lambd = 1.5 : f32} : (tensor<3xi32>) -> tensor<3xi32>
  check.expect_close %r, dense<[-2, 0, 1]> : tensor<3xi32> : tensor<3xi32>
  return
}

// CHECK-LABEL: func @softplus_no_overflow
func.func @softplus_no_overflow() {
  %x0 = nn.constant dense<[1000.0, -1000.0]> : tensor<2xf32>
  // CHECK: nn.softplus{{ }}
  %r = nn.softplus %x0 : (tensor<2xf32>) -> tensor<2xf32>
  check.expect_close %r, dense<[1000.0, 0.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @prelu
func.func @prelu() {
  %x0 = nn.constant dense<[[-2.0, -0.5, 0.0, 0.5, 3.0]]> : tensor<1x5xf32>
  %x1 = nn.constant dense<[[2.0], [3.0]]> : tensor<2x1xf32>
  // CHECK: nn.prelu{{ }}
  %r = nn.prelu %x0, %x1 : (tensor<1x5xf32>, tensor<2x1xf32>) -> tensor<2x5xf32>
  check.expect_close %r, dense<[[-4.0, -1.0, 0.0, 0.5, 3.0], [-6.0, -1.5, 0.0, 0.5, 3.0]]> : tensor<2x5xf32> : tensor<2x5xf32>
  return
}

// CHECK-LABEL: func @clip
func.func @clip() {
  %x0 = nn.constant dense<[-3.0, 1.0, 0x7FC00000, 9.0]> : tensor<4xf32>
  %x1 = nn.constant dense<-1.0> : tensor<f32>
  %x2 = nn.constant dense<2.0> : tensor<f32>
  // CHECK: nn.clip{{ }}
  %r = nn.clip %x0, %x1, %x2 {operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  check.expect_close %r, dense<[-1.0, 1.0, 0x7FC00000, 2.0]> : tensor<4xf32> : tensor<4xf32>
  return
}

// CHECK-LABEL: func @clip_above
func.func @clip_above() {
  %x0 = nn.constant dense<[-3, 9]> : tensor<2xi8>
  %x1 = nn.constant dense<2> : tensor<i8>
  // CHECK: nn.clip{{ }}
  %r = nn.clip %x0, %x1 {operandSegmentSizes = array<i32: 1, 0, 1>} : (tensor<2xi8>, tensor<i8>) -> tensor<2xi8>
  check.expect_close %r, dense<[-3, 2]> : tensor<2xi8> : tensor<2xi8>
  return
}
