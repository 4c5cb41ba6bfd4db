// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @axes
func.func @axes(%x: tensor<2x3x?xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  // CHECK: nn.flatten %{{.*}} {axis = 0 : i64} : (tensor<2x3x?xf32>) -> tensor<1x?xf32>
  %a = nn.flatten %x {axis = 0 : i64} : (tensor<2x3x?xf32>) -> tensor<*xf32>
  // CHECK: nn.flatten %{{.*}} {axis = -1 : i64} : (tensor<2x3x?xf32>) -> tensor<6x?xf32>
  %b = nn.flatten %x {axis = -1 : i64} : (tensor<2x3x?xf32>) -> tensor<*xf32>
  // CHECK: nn.flatten %{{.*}} {axis = 3 : i64} : (tensor<2x3x?xf32>) -> tensor<?x1xf32>
  %c = nn.flatten %x {axis = 3 : i64} : (tensor<2x3x?xf32>) -> tensor<*xf32>
  return %a, %b, %c : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @outside(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'axis': expected a value in [-2, 2], found 3}}
  %y = nn.flatten %x {axis = 3 : i64} : (tensor<2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
