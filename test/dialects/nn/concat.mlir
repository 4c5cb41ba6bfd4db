// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @dims
func.func @dims(%a: tensor<2x?xf32>, %b: tensor<?x3xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  // CHECK: nn.concat %{{.*}} {axis = 0 : i64} : (tensor<2x?xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %x = nn.concat %a, %b {axis = 0 : i64} : (tensor<2x?xf32>, tensor<?x3xf32>) -> tensor<*xf32>
  // CHECK: nn.concat %{{.*}} {axis = -1 : i64} : (tensor<2x?xf32>, tensor<?x3xf32>) -> tensor<2x?xf32>
  %y = nn.concat %a, %b {axis = -1 : i64} : (tensor<2x?xf32>, tensor<?x3xf32>) -> tensor<*xf32>
  return %x, %y : tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @contradiction(%a: tensor<2x4xf32>, %b: tensor<2x3xf32>) -> tensor<*xf32> {
  // expected-error @below {{expected operands that differ at axis 0 only, found 2x4 and 2x3}}
  %x = nn.concat %a, %b {axis = 0 : i64} : (tensor<2x4xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  return %x : tensor<*xf32>
}

// -----

func.func @outside(%a: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'axis': expected a value in [-1, 0], found 1}}
  %x = nn.concat %a {axis = 1 : i64} : (tensor<2xf32>) -> tensor<*xf32>
  return %x : tensor<*xf32>
}

// -----

func.func @nothing() -> tensor<*xf32> {
  // expected-error @below {{expected at least one operand, found none}}
  %x = nn.concat {axis = 0 : i64} : () -> tensor<*xf32>
  return %x : tensor<*xf32>
}
