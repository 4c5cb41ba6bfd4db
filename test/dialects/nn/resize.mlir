// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @dims
func.func @dims(%x: tensor<1x3x?x5xf32>, %sizes: tensor<2xi64>, %scales: tensor<4xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  %known = nn.constant dense<[1.0, 1.0, 2.0, 0.7]> : tensor<4xf32>
  // CHECK: nn.resize {{.*}} -> tensor<1x3x?x3xf32>
  %a = nn.resize %x, %known {operandSegmentSizes = array<i32: 1, 0, 1, 0>}
    : (tensor<1x3x?x5xf32>, tensor<4xf32>) -> tensor<*xf32>
  // CHECK: nn.resize {{.*}} -> tensor<1x3x?x?xf32>
  %b = nn.resize %x, %sizes {axes = array<i64: -1, 2>, operandSegmentSizes = array<i32: 1, 0, 0, 1>}
    : (tensor<1x3x?x5xf32>, tensor<2xi64>) -> tensor<*xf32>
  // CHECK: nn.resize {{.*}} -> tensor<?x?x?x?xf32>
  %c = nn.resize %x, %scales {operandSegmentSizes = array<i32: 1, 0, 1, 0>}
    : (tensor<1x3x?x5xf32>, tensor<4xf32>) -> tensor<*xf32>
  return %a, %b, %c : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// CHECK-LABEL: func @keep_aspect_ratio
func.func @keep_aspect_ratio(%x: tensor<4x8xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  %sizes = nn.constant dense<[3, 4]> : tensor<2xi64>
  // CHECK: nn.resize {{.*}} -> tensor<2x4xf32>
  %a = nn.resize %x, %sizes {keep_aspect_ratio_policy = "not_larger", mode = "cubic", antialias = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 1>}
    : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<*xf32>
  // CHECK: nn.resize {{.*}} -> tensor<3x6xf32>
  %b = nn.resize %x, %sizes {keep_aspect_ratio_policy = "not_smaller", mode = "cubic", antialias = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 1>}
    : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %a, %b : tensor<*xf32>, tensor<*xf32>
}

// Numbers from onnx.reference: linear half_pixel and align_corners, nearest half_pixel and asymmetric with ceil.
// CHECK-LABEL: func @numbers
func.func @numbers() -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  %x = nn.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %double = nn.constant dense<2.0> : tensor<1xf32>
  // CHECK: nn.constant dense<[1.000000e+00, 1.250000e+00, 1.750000e+00, 2.500000e+00, 3.500000e+00, 4.000000e+00]> : tensor<6xf32>
  %a = nn.resize %x, %double {mode = "linear", operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (tensor<3xf32>, tensor<1xf32>) -> tensor<*xf32>
  %five = nn.constant dense<5> : tensor<1xi64>
  // CHECK: nn.constant dense<[1.000000e+00, 1.500000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<5xf32>
  %b = nn.resize %x, %five {mode = "linear", coordinate_transformation_mode = "align_corners", operandSegmentSizes = array<i32: 1, 0, 0, 1>}
    : (tensor<3xf32>, tensor<1xi64>) -> tensor<*xf32>
  // CHECK: nn.constant dense<[1.000000e+00, 1.000000e+00, 2.000000e+00, 2.000000e+00, 4.000000e+00, 4.000000e+00]> : tensor<6xf32>
  %c = nn.resize %x, %double {operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (tensor<3xf32>, tensor<1xf32>) -> tensor<*xf32>
  // CHECK: nn.constant dense<[1.000000e+00, 2.000000e+00, 4.000000e+00, 4.000000e+00, 4.000000e+00]> : tensor<5xf32>
  %d = nn.resize %x, %five {nearest_mode = "ceil", coordinate_transformation_mode = "asymmetric", operandSegmentSizes = array<i32: 1, 0, 0, 1>}
    : (tensor<3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %a, %b, %c, %d : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @mode(%x: tensor<4xf32>, %scales: tensor<1xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'mode': expected nearest, linear, cubic; found bilinear}}
  %y = nn.resize %x, %scales {mode = "bilinear", operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (tensor<4xf32>, tensor<1xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @neither(%x: tensor<4xf32>) -> tensor<*xf32> {
  // expected-error @below {{expected either 'scales' or 'sizes', found none}}
  %y = nn.resize %x {operandSegmentSizes = array<i32: 1, 0, 0, 0>} : (tensor<4xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @count(%x: tensor<4x4xf32>, %scales: tensor<1xf32>) -> tensor<*xf32> {
  // expected-error @below {{operand 'scales': expected 2 values, found 1}}
  %y = nn.resize %x, %scales {operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (tensor<4x4xf32>, tensor<1xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @no_roi(%x: tensor<4xf32>, %scales: tensor<1xf32>) -> tensor<*xf32> {
  // expected-error @below {{expected 'roi' with tf_crop_and_resize}}
  %y = nn.resize %x, %scales {coordinate_transformation_mode = "tf_crop_and_resize", operandSegmentSizes = array<i32: 1, 0, 1, 0>}
    : (tensor<4xf32>, tensor<1xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @axes(%x: tensor<4xf32>, %scales: tensor<1xf32>) -> tensor<*xf32> {
  // expected-error @below {{attribute 'axes': expected values in [-1, 0], found 1}}
  %y = nn.resize %x, %scales {axes = array<i64: 1>, operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (tensor<4xf32>, tensor<1xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
