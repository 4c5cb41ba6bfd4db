// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check --function=right %s
// RUN: not tilewright-check --function=wrong %s 2>&1 | FileCheck %s --check-prefix=WRONG

// CHECK-LABEL: @right
func.func @right() {
  %x = nn.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %y = nn.relu %x : (tensor<2xf32>) -> tensor<2xf32>
  // CHECK: check.expect_close
  check.expect_close %y, dense<[1.0, 0.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

func.func @wrong() {
  %x = nn.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %y = nn.relu %x : (tensor<2xf32>) -> tensor<2xf32>
  // WRONG: expected 5
  check.expect_close %y, dense<[1.0, 5.0]> : tensor<2xf32> : tensor<2xf32>
  return
}
