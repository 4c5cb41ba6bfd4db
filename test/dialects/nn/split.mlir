// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @uneven
func.func @uneven(%x: tensor<7x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  // CHECK: nn.split {{.*}} -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<1x2xf32>)
  %a, %b, %c = nn.split %x {axis = -2 : i64, num_outputs = 3 : i64} : (tensor<7x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return %a, %b, %c : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// CHECK-LABEL: func @sizes
func.func @sizes(%x: tensor<7xf32>, %n: tensor<2xi64>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  %sizes = nn.constant dense<[0, 7]> : tensor<2xi64>
  // CHECK: nn.split {{.*}} -> (tensor<0xf32>, tensor<7xf32>)
  %a, %b = nn.split %x, %sizes : (tensor<7xf32>, tensor<2xi64>) -> (tensor<*xf32>, tensor<*xf32>)
  // CHECK: nn.split {{.*}} -> (tensor<?xf32>, tensor<?xf32>)
  %c, %d = nn.split %x, %n : (tensor<7xf32>, tensor<2xi64>) -> (tensor<*xf32>, tensor<*xf32>)
  return %a, %b, %c, %d : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @sum(%x: tensor<7xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  %sizes = nn.constant dense<[2, 4]> : tensor<2xi64>
  // expected-error @below {{operand 'split': expected sizes that add up to 7, found 6}}
  %a, %b = nn.split %x, %sizes : (tensor<7xf32>, tensor<2xi64>) -> (tensor<*xf32>, tensor<*xf32>)
  return %a, %b : tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @count(%x: tensor<7xf32>) -> tensor<*xf32> {
  %sizes = nn.constant dense<[3, 4]> : tensor<2xi64>
  // expected-error @below {{operand 'split': expected 1 sizes, one a result, found 2}}
  %a = nn.split %x, %sizes : (tensor<7xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}

// -----

func.func @outputs(%x: tensor<7xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'num_outputs': expected 1, the number of results, found 2}}
  %a = nn.split %x {num_outputs = 2 : i64} : (tensor<7xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
