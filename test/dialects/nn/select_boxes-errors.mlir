// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @rank(%b: tensor<6x4xf32>, %s: tensor<1x1x6xf32>) -> (tensor<*xi64>, tensor<*xi64>) {
  // expected-error @below {{expected boxes and scores of 3 dims, found 6x4 and 1x1x6}}
  %y0, %y1 = nn.select_boxes %b, %s {operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>} : (tensor<6x4xf32>, tensor<1x1x6xf32>) -> (tensor<*xi64>, tensor<*xi64>)
  return %y0, %y1 : tensor<*xi64>, tensor<*xi64>
}
