// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @known
func.func @known(%x: tensor<1x3x1x?xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  %axes = nn.constant dense<[-2, 0]> : tensor<2xi64>
  // CHECK: nn.squeeze %{{.*}}, %{{.*}} : (tensor<1x3x1x?xf32>, tensor<2xi64>) -> tensor<3x?xf32>
  %a = nn.squeeze %x, %axes : (tensor<1x3x1x?xf32>, tensor<2xi64>) -> tensor<*xf32>
  // CHECK: nn.squeeze %{{.*}} : (tensor<1x3x1x?xf32>) -> tensor<3x?xf32>
  %b = nn.squeeze %x : (tensor<1x3x1x?xf32>) -> tensor<*xf32>
  return %a, %b : tensor<*xf32>, tensor<*xf32>
}

// CHECK-LABEL: func @known_at_run_time
func.func @known_at_run_time(%x: tensor<1x3xf32>, %axes: tensor<1xi64>) -> tensor<*xf32> {
  // CHECK: nn.squeeze %{{.*}}, %{{.*}} : (tensor<1x3xf32>, tensor<1xi64>) -> tensor<?xf32>
  %a = nn.squeeze %x, %axes : (tensor<1x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}

// -----

func.func @not_one(%x: tensor<1x3xf32>) -> tensor<*xf32> {
  %axes = nn.constant dense<1> : tensor<1xi64>
  // expected-error @below {{operand 'axes': expected dims of size 1, found size 3 at axis 1}}
  %y = nn.squeeze %x, %axes : (tensor<1x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @outside(%x: tensor<1x3xf32>) -> tensor<*xf32> {
  %axes = nn.constant dense<2> : tensor<1xi64>
  // expected-error @below {{operand 'axes': expected values in [-2, 1], found 2}}
  %y = nn.squeeze %x, %axes : (tensor<1x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @too_many(%x: tensor<1xf32>, %axes: tensor<2xi64>) -> tensor<*xf32> {
  // expected-error @below {{operand 'axes': expected at most 1 values, found 2}}
  %y = nn.squeeze %x, %axes : (tensor<1xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
