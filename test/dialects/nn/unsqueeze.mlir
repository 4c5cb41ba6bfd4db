// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @known
func.func @known(%x: tensor<3x?xf32>) -> tensor<*xf32> {
  %axes = nn.constant dense<[-1, 0]> : tensor<2xi64>
  // CHECK: nn.unsqueeze %{{.*}}, %{{.*}} : (tensor<3x?xf32>, tensor<2xi64>) -> tensor<1x3x?x1xf32>
  %a = nn.unsqueeze %x, %axes : (tensor<3x?xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}

// CHECK-LABEL: func @scalar
func.func @scalar(%x: tensor<f32>) -> tensor<*xf32> {
  %axes = nn.constant dense<[0, 1]> : tensor<2xi64>
  // CHECK: nn.unsqueeze %{{.*}}, %{{.*}} : (tensor<f32>, tensor<2xi64>) -> tensor<1x1xf32>
  %a = nn.unsqueeze %x, %axes : (tensor<f32>, tensor<2xi64>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}

// CHECK-LABEL: func @known_at_run_time
func.func @known_at_run_time(%x: tensor<4x3xf32>, %axes: tensor<1xi64>) -> tensor<*xf32> {
  // CHECK: nn.unsqueeze %{{.*}}, %{{.*}} : (tensor<4x3xf32>, tensor<1xi64>) -> tensor<?x?x?xf32>
  %a = nn.unsqueeze %x, %axes : (tensor<4x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}

// -----

func.func @outside(%x: tensor<3xf32>) -> tensor<*xf32> {
  %axes = nn.constant dense<2> : tensor<1xi64>
  // expected-error @below {{operand 'axes': expected values in [-2, 1], found 2}}
  %y = nn.unsqueeze %x, %axes : (tensor<3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @unknown_rank(%x: tensor<3xf32>, %axes: tensor<?xi64>) -> tensor<*xf32> {
  // expected-error @below {{operand 'axes': expected an integer tensor of known small size, found 'tensor<?xi64>'}}
  %y = nn.unsqueeze %x, %axes : (tensor<3xf32>, tensor<?xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
