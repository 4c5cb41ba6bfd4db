// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @stretch
func.func @stretch(%x: tensor<3x1xf32>) -> tensor<*xf32> {
  %shape = nn.constant dense<[2, 1, 4]> : tensor<3xi64>
  // CHECK: nn.expand %{{.*}} : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<2x3x4xf32>
  %y = nn.expand %x, %shape : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @contradiction(%x: tensor<3x2xf32>) -> tensor<*xf32> {
  %shape = nn.constant dense<[4, 2]> : tensor<2xi64>
  // expected-error @below {{operand 'shape': expected one that 3x2 broadcasts with, found 4x2}}
  %y = nn.expand %x, %shape : (tensor<3x2xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
