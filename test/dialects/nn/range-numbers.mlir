// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-check %s
// Expected numbers are those of NumPy.

// CHECK-LABEL: func @integers
func.func @integers() {
  %x0 = nn.constant dense<10> : tensor<i64>
  %x1 = nn.constant dense<-3> : tensor<i64>
  %x2 = nn.constant dense<-4> : tensor<i64>
  // CHECK: nn.range{{ }}
  %y0 = nn.range %x0, %x1, %x2
    : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<4xi64>
  check.expect_close %y0, dense<[10, 6, 2, -2]> : tensor<4xi64> : tensor<4xi64>
  return
}
