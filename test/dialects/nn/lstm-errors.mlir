// RUN: tilewright-opt %s -split-input-file --infer-shapes -verify-diagnostics

func.func @direction(%x: tensor<3x2x2xf32>, %w: tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  // expected-error @below {{attribute 'direction': expected forward, reverse or bidirectional, found up}}
  %y0, %y1, %y2 = nn.lstm %x, %w, %w {direction = "up", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>} : (tensor<3x2x2xf32>, tensor<1x8x2xf32>, tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return %y0, %y1, %y2 : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @count(%x: tensor<3x2x2xf32>, %w: tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  // expected-error @below {{attribute 'activations': expected at least 6 names, found 1}}
  %y0, %y1, %y2 = nn.lstm %x, %w, %w {activations = ["Relu"], direction = "bidirectional", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>} : (tensor<3x2x2xf32>, tensor<1x8x2xf32>, tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return %y0, %y1, %y2 : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @name(%x: tensor<3x2x2xf32>, %w: tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  // expected-error @below {{attribute 'activations': expected one of ONNX's activation functions, found Sin}}
  %y0, %y1, %y2 = nn.lstm %x, %w, %w {activations = ["Sin", "Sin", "Sin"], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>} : (tensor<3x2x2xf32>, tensor<1x8x2xf32>, tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return %y0, %y1, %y2 : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @rank(%x: tensor<3x2xf32>, %w: tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  // expected-error @below {{expected X, W and R of 3 dims, found 'tensor<3x2xf32>'}}
  %y0, %y1, %y2 = nn.lstm %x, %w, %w {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>} : (tensor<3x2xf32>, tensor<1x8x2xf32>, tensor<1x8x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return %y0, %y1, %y2 : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}
