// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @channels(%x: tensor<1x4x8x8xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error @below {{attribute 'group': expected an input of 3 channels (the weight's 3 times 1 groups), found 4}}
  %0 = nn.conv %x, %w : (tensor<1x4x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @group(%x: tensor<1x6x8x8xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @below {{attribute 'group': expected a divisor of the 5 output channels, found 2}}
  %0 = nn.conv %x, %w {group = 2 : i64} : (tensor<1x6x8x8xf32>, tensor<5x3x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @pads(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @below {{attribute 'pads': expected 4 values, found 2}}
  %0 = nn.conv %x, %w {pads = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<5x3x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @strides(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @below {{attribute 'strides': expected values of at least 1, found 0}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 0>} : (tensor<1x3x8x8xf32>, tensor<5x3x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @auto_pad(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @below {{attribute 'auto_pad': expected NOTSET, SAME_UPPER, SAME_LOWER or VALID, found SAME}}
  %0 = nn.conv %x, %w {auto_pad = "SAME"} : (tensor<1x3x8x8xf32>, tensor<5x3x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @kernel_shape(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x3x3xf32>) {
  // expected-error @below {{attribute 'kernel_shape': expected the weight's 3x3, found [5, 5]}}
  %0 = nn.conv %x, %w {kernel_shape = array<i64: 5, 5>} : (tensor<1x3x8x8xf32>, tensor<5x3x3x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @too_large(%x: tensor<1x3x2x2xf32>, %w: tensor<5x3x5x5xf32>) {
  // expected-error @below {{expected a window that fits the padded input of size 2, found 5 along spatial dim 0}}
  %0 = nn.conv %x, %w : (tensor<1x3x2x2xf32>, tensor<5x3x5x5xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @bias(%x: tensor<1x3x8x8xf32>, %w: tensor<5x3x3x3xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{expected a bias of 5 elements, found 4}}
  %0 = nn.conv %x, %w, %b : (tensor<1x3x8x8xf32>, tensor<5x3x3x3xf32>, tensor<4xf32>) -> tensor<*xf32>
  return
}
