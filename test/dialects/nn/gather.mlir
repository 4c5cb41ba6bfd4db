// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @dims
func.func @dims(%x: tensor<2x9x4xf32>, %i: tensor<3x?xi32>, %s: tensor<i64>) -> (tensor<*xf32>, tensor<*xf32>) {
  // CHECK: nn.gather {{.*}} -> tensor<2x3x?x4xf32>
  %a = nn.gather %x, %i {axis = -2 : i64} : (tensor<2x9x4xf32>, tensor<3x?xi32>) -> tensor<*xf32>
  // CHECK: nn.gather {{.*}} -> tensor<9x4xf32>
  %b = nn.gather %x, %s : (tensor<2x9x4xf32>, tensor<i64>) -> tensor<*xf32>
  return %a, %b : tensor<*xf32>, tensor<*xf32>
}

// Numbers from NumPy: x[:, [2, 2]] (the second index is -1); 9 is outside and reads the last element.
// CHECK-LABEL: func @numbers
func.func @numbers() -> (tensor<*xi64>, tensor<*xi64>) {
  %x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %i = nn.constant dense<[2, -1]> : tensor<2xi64>
  %outside = nn.constant dense<[9, -9]> : tensor<2xi64>
  // CHECK: nn.constant dense<{{\[\[}}3, 3], [6, 6]]> : tensor<2x2xi64>
  %y = nn.gather %x, %i {axis = 1 : i64} : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<*xi64>
  // CHECK: nn.constant dense<{{\[\[}}3, 1], [6, 4]]> : tensor<2x2xi64>
  %z = nn.gather %x, %outside {axis = 1 : i64} : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<*xi64>
  return %y, %z : tensor<*xi64>, tensor<*xi64>
}

// -----

func.func @outside(%x: tensor<2xf32>, %i: tensor<1xi64>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'axis': expected a value in [-1, 0], found 1}}
  %y = nn.gather %x, %i {axis = 1 : i64} : (tensor<2xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
