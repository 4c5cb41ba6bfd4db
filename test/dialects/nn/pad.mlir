// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @dims
func.func @dims(%x: tensor<2x?xf32>, %pads: tensor<4xi64>) -> (tensor<*xf32>, tensor<*xf32>) {
  %known = nn.constant dense<[1, -1]> : tensor<2xi64>
  %axis = nn.constant dense<-2> : tensor<1xi64>
  // CHECK: nn.pad {{.*}} -> tensor<2x?xf32>
  %a = nn.pad %x, %known, %axis {operandSegmentSizes = array<i32: 1, 1, 0, 1>}
    : (tensor<2x?xf32>, tensor<2xi64>, tensor<1xi64>) -> tensor<*xf32>
  // CHECK: nn.pad {{.*}} -> tensor<?x?xf32>
  %b = nn.pad %x, %pads {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x?xf32>, tensor<4xi64>) -> tensor<*xf32>
  return %a, %b : tensor<*xf32>, tensor<*xf32>
}

// Numbers from NumPy: pad([1, 2, 3], (2, 4), mode), with constant_values=9 in the first.
// CHECK-LABEL: func @modes
func.func @modes() -> (tensor<*xi64>, tensor<*xi64>, tensor<*xi64>, tensor<*xi64>, tensor<*xi64>) {
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %pads = nn.constant dense<[2, 4]> : tensor<2xi64>
  %nine = nn.constant dense<9> : tensor<i64>
  // CHECK: nn.constant dense<[9, 9, 1, 2, 3, 9, 9, 9, 9]> : tensor<9xi64>
  %a = nn.pad %x, %pads, %nine {operandSegmentSizes = array<i32: 1, 1, 1, 0>}
    : (tensor<3xi64>, tensor<2xi64>, tensor<i64>) -> tensor<*xi64>
  // CHECK: nn.constant dense<[3, 2, 1, 2, 3, 2, 1, 2, 3]> : tensor<9xi64>
  %b = nn.pad %x, %pads {mode = "reflect", operandSegmentSizes = array<i32: 1, 1, 0, 0>}
    : (tensor<3xi64>, tensor<2xi64>) -> tensor<*xi64>
  // CHECK: nn.constant dense<[1, 1, 1, 2, 3, 3, 3, 3, 3]> : tensor<9xi64>
  %c = nn.pad %x, %pads {mode = "edge", operandSegmentSizes = array<i32: 1, 1, 0, 0>}
    : (tensor<3xi64>, tensor<2xi64>) -> tensor<*xi64>
  // CHECK: nn.constant dense<[2, 3, 1, 2, 3, 1, 2, 3, 1]> : tensor<9xi64>
  %d = nn.pad %x, %pads {mode = "wrap", operandSegmentSizes = array<i32: 1, 1, 0, 0>}
    : (tensor<3xi64>, tensor<2xi64>) -> tensor<*xi64>
  %shift = nn.constant dense<[-1, 1]> : tensor<2xi64>
  // CHECK: nn.constant dense<[2, 3, 0]> : tensor<3xi64>
  %e = nn.pad %x, %shift {operandSegmentSizes = array<i32: 1, 1, 0, 0>}
    : (tensor<3xi64>, tensor<2xi64>) -> tensor<*xi64>
  return %a, %b, %c, %d, %e : tensor<*xi64>, tensor<*xi64>, tensor<*xi64>, tensor<*xi64>, tensor<*xi64>
}

// -----

func.func @mode(%x: tensor<3xi64>, %pads: tensor<2xi64>) -> tensor<*xi64> {
  // expected-error @below {{attribute 'mode': expected constant, reflect, edge or wrap, found mirror}}
  %y = nn.pad %x, %pads {mode = "mirror", operandSegmentSizes = array<i32: 1, 1, 0, 0>}
    : (tensor<3xi64>, tensor<2xi64>) -> tensor<*xi64>
  return %y : tensor<*xi64>
}

// -----

func.func @count(%x: tensor<3xi64>, %pads: tensor<3xi64>) -> tensor<*xi64> {
  // expected-error @below {{operand 'pads': expected 2 values, found 3}}
  %y = nn.pad %x, %pads {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3xi64>, tensor<3xi64>) -> tensor<*xi64>
  return %y : tensor<*xi64>
}
