// RUN: tilewright-check --target=ptx --fast-math %s
// RUN: tilewright-check --target=ptx --fast-math --static-only --print-ptx %s | FileCheck %s
// RUN: tilewright-check --target=ptx --static-only --print-ptx %s | FileCheck %s --check-prefix=ACCURATE

// One instruction for each; none of them where it is not asked for. Expected numbers are numpy's.
// CHECK: ex2.approx.ftz.f32
// CHECK: rcp.approx.ftz.f32
// ACCURATE-NOT: .approx
func.func @softmax() {
  %x = nn.constant dense<[[0.0, 1.0, -1.0, 2.5]]> : tensor<1x4xf32>
  %y = nn.softmax %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  check.expect_close %y, dense<[[0.0614679, 0.16708706, 0.02261278, 0.74883227]]> : tensor<1x4xf32> {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x4xf32>
  return
}

// CHECK: tanh.approx.f32
func.func @tanh() {
  %x = nn.constant dense<[0.0, 0.5, -1.5, 20.0]> : tensor<4xf32>
  %y = nn.tanh %x : (tensor<4xf32>) -> tensor<4xf32>
  check.expect_close %y, dense<[0.0, 0.46211716, -0.90514825, 1.0]> : tensor<4xf32> {rtol = 1.0e-3 : f64, atol = 1.0e-6 : f64} : tensor<4xf32>
  return
}
