// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @rest
// CHECK: nn.reshape {{.*}} -> tensor<3x4xf32>
func.func @rest(%x: tensor<2x6xf32>) -> tensor<*xf32> {
  %shape = nn.constant dense<[3, -1]> : tensor<2xi64>
  %y = nn.reshape %x, %shape : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// A 0 copies the dim.
// CHECK-LABEL: func @copies
// CHECK: nn.reshape {{.*}} -> tensor<?x6x1xf32>
func.func @copies(%x: tensor<?x6xf32>) -> tensor<*xf32> {
  %shape = nn.constant dense<[0, -1, 1]> : tensor<3xi64>
  %y = nn.reshape %x, %shape : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @count(%x: tensor<2x6xf32>) -> tensor<*xf32> {
  %shape = nn.constant dense<[3, 5]> : tensor<2xi64>
  // expected-error @below {{attribute 'shape': expected 12 elements (the input is 2x6), found 3x5}}
  %y = nn.reshape %x, %shape : (tensor<2x6xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<2x6xf32>, %shape: tensor<?xi64>) -> tensor<*xf32> {
  // expected-error @below {{expected a shape of statically known rank, found one of type 'tensor<?xi64>'}}
  %y = nn.reshape %x, %shape : (tensor<2x6xf32>, tensor<?xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
