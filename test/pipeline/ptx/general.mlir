// RUN: tilewright-check --target=ptx --print-ptx --static-only %s | FileCheck %s

// The contract with the runtime: buffers, numbers, workspace, all .u64; no local memory, no calls.
// CHECK: // ---- test_scaled: 1 parts, 3 buffers, 0 ints
// CHECK: .target sm_80
// CHECK-NOT: .local
// CHECK-NOT: call
// CHECK: .visible .entry test_scaled_p0(
// CHECK-NEXT: .param .u64 {{.*}}test_scaled_p0_param_0,
// CHECK-NEXT: .param .u64 {{.*}}test_scaled_p0_param_1,
// CHECK-NEXT: .param .u64 {{.*}}test_scaled_p0_param_2,
// CHECK-NEXT: .param .u64 {{.*}}test_scaled_p0_param_3
// CHECK: .reqntid 256, 1, 1
func.func @scaled() {
  %x = nn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %s = nn.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %y = nn.mul %x, %s : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  check.expect_close %y, dense<[[10.0, 40.0], [30.0, 80.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  return
}
