// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// Numbers from NumPy: arange(10, 4, -2), arange(1, 2, 0.25), arange(3, 3, 1).
// CHECK-LABEL: func @numbers
func.func @numbers() -> (tensor<*xi64>, tensor<*xf32>, tensor<*xi32>) {
  %ten = nn.constant dense<10> : tensor<i64>
  %four = nn.constant dense<4> : tensor<i64>
  %back = nn.constant dense<-2> : tensor<i64>
  // CHECK: nn.constant dense<[10, 8, 6]> : tensor<3xi64>
  %a = nn.range %ten, %four, %back : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<*xi64>
  %one = nn.constant dense<1.0> : tensor<f32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %step = nn.constant dense<0.25> : tensor<f32>
  // CHECK: nn.constant dense<[1.000000e+00, 1.250000e+00, 1.500000e+00, 1.750000e+00]> : tensor<4xf32>
  %b = nn.range %one, %two, %step : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<*xf32>
  %three = nn.constant dense<3> : tensor<i32>
  // CHECK: nn.constant dense<> : tensor<0xi32>
  %c = nn.range %three, %three, %three : (tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<*xi32>
  return %a, %b, %c : tensor<*xi64>, tensor<*xf32>, tensor<*xi32>
}

// CHECK-LABEL: func @dynamic
func.func @dynamic(%from: tensor<f32>, %to: tensor<f32>, %step: tensor<f32>) -> tensor<*xf32> {
  // CHECK: nn.range {{.*}} -> tensor<?xf32>
  %y = nn.range %from, %to, %step : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @no_step(%from: tensor<i64>, %to: tensor<i64>) -> tensor<*xi64> {
  %zero = nn.constant dense<0> : tensor<i64>
  // expected-error @below {{operand 'delta': expected a value that is not 0, found 0}}
  %y = nn.range %from, %to, %zero : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<*xi64>
  return %y : tensor<*xi64>
}

// -----

func.func @many(%x: tensor<2xi64>) -> tensor<*xi64> {
  // expected-error @below {{expected operands of one element, found 'tensor<2xi64>'}}
  %y = nn.range %x, %x, %x : (tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<*xi64>
  return %y : tensor<*xi64>
}
