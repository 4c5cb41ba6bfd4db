// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @types
func.func @types(%n: tensor<2xi64>) -> (tensor<*xf32>, tensor<*xui8>, tensor<*xi64>) {
  %shape = nn.constant dense<[300, 4]> : tensor<2xi64>
  // CHECK: nn.constant_of_shape {{.*}} -> tensor<300x4xf32>
  %a = nn.constant_of_shape %shape : (tensor<2xi64>) -> tensor<*xf32>
  // CHECK: nn.constant_of_shape {{.*}} -> tensor<?x?xui8>
  %b = nn.constant_of_shape %n {value = dense<7> : tensor<1xui8>} : (tensor<2xi64>) -> tensor<*xui8>
  %small = nn.constant dense<3> : tensor<1xi64>
  // CHECK: nn.constant dense<1> : tensor<3xi64>
  %c = nn.constant_of_shape %small {value = dense<1> : tensor<1xi64>} : (tensor<1xi64>) -> tensor<*xi64>
  return %a, %b, %c : tensor<*xf32>, tensor<*xui8>, tensor<*xi64>
}

// -----

func.func @two_values(%n: tensor<1xi64>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'value': expected one element, found 2}}
  %y = nn.constant_of_shape %n {value = dense<1.0> : tensor<2xf32>} : (tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
