// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @dims
func.func @dims(%x: tensor<2x?xf32>) -> tensor<*xf32> {
  %repeats = nn.constant dense<[3, 1]> : tensor<2xi64>
  // CHECK: nn.tile {{.*}} -> tensor<6x?xf32>
  %y = nn.tile %x, %repeats : (tensor<2x?xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// Numbers from NumPy: tile([1, 2], 2).
// CHECK-LABEL: func @numbers
func.func @numbers() -> tensor<*xi64> {
  %x = nn.constant dense<[1, 2]> : tensor<2xi64>
  %repeats = nn.constant dense<2> : tensor<1xi64>
  // CHECK: nn.constant dense<[1, 2, 1, 2]> : tensor<4xi64>
  %y = nn.tile %x, %repeats : (tensor<2xi64>, tensor<1xi64>) -> tensor<*xi64>
  return %y : tensor<*xi64>
}

// -----

func.func @count(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  %repeats = nn.constant dense<3> : tensor<1xi64>
  // expected-error @below {{operand 'repeats': expected 2 values, one a dim, found 1}}
  %y = nn.tile %x, %repeats : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
