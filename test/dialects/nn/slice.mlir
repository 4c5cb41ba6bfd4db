// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @steps
func.func @steps(%x: tensor<5x6xf32>) -> tensor<*xf32> {
  %starts = nn.constant dense<[-1, 1]> : tensor<2xi64>
  %ends = nn.constant dense<[-9223372036854775808, 9223372036854775807]> : tensor<2xi64>
  %axes = nn.constant dense<[0, -1]> : tensor<2xi64>
  %steps = nn.constant dense<[-2, 3]> : tensor<2xi64>
  // CHECK: nn.slice {{.*}} -> tensor<3x2xf32>
  %y = nn.slice %x, %starts, %ends, %axes, %steps {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}
    : (tensor<5x6xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// Numbers from NumPy: numpy.arange(5)[::-2], numpy.arange(5)[-3:100].
// CHECK-LABEL: func @numbers
func.func @numbers() -> (tensor<*xi64>, tensor<*xi64>) {
  %x = nn.constant dense<[0, 1, 2, 3, 4]> : tensor<5xi64>
  %start = nn.constant dense<4> : tensor<1xi64>
  %end = nn.constant dense<-100> : tensor<1xi64>
  %axis = nn.constant dense<0> : tensor<1xi64>
  %step = nn.constant dense<-2> : tensor<1xi64>
  // CHECK: nn.constant dense<[4, 2, 0]> : tensor<3xi64>
  %y = nn.slice %x, %start, %end, %axis, %step {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}
    : (tensor<5xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xi64>
  %from = nn.constant dense<-3> : tensor<1xi64>
  %to = nn.constant dense<100> : tensor<1xi64>
  // CHECK: nn.constant dense<[2, 3, 4]> : tensor<3xi64>
  %z = nn.slice %x, %from, %to {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}
    : (tensor<5xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xi64>
  return %y, %z : tensor<*xi64>, tensor<*xi64>
}

// CHECK-LABEL: func @none_backward
func.func @none_backward(%x: tensor<3x0xf32>) -> tensor<*xf32> {
  %last = nn.constant dense<-1> : tensor<1xi64>
  %end = nn.constant dense<-100> : tensor<1xi64>
  // CHECK: nn.slice {{.*}} -> tensor<3x0xf32>
  %y = nn.slice %x, %last, %end, %last, %last {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}
    : (tensor<3x0xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @step_zero(%x: tensor<5xf32>) -> tensor<*xf32> {
  %zero = nn.constant dense<0> : tensor<1xi64>
  // expected-error @below {{operand 'steps': expected no 0, found one}}
  %y = nn.slice %x, %zero, %zero, %zero, %zero {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}
    : (tensor<5xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @lengths(%x: tensor<5xf32>) -> tensor<*xf32> {
  %one = nn.constant dense<0> : tensor<1xi64>
  %two = nn.constant dense<[1, 2]> : tensor<2xi64>
  // expected-error @below {{expected as many ends, axes and steps as starts, found 2, 1 and 1 for 1}}
  %y = nn.slice %x, %one, %two {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}
    : (tensor<5xf32>, tensor<1xi64>, tensor<2xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
