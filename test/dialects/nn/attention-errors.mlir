// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @heads(%q: tensor<1x4x5x8xf32>, %k: tensor<1x3x5x8xf32>) {
  // expected-error@+1 {{heads of keys and values: expected a divisor of the 4 heads of queries, found 3}}
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x4x5x8xf32>, tensor<1x3x5x8xf32>, tensor<1x3x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @mask(%q: tensor<1x4x5x8xf32>, %m: tensor<3x5xi1>) {
  // expected-error@+1 {{mask: expected a shape that broadcasts to 1x4x5x5, found 3x5}}
  %y = nn.attention %q, %q, %q, %m {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>}
    : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<3x5xi1>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @bias_type(%q: tensor<1x4x5x8xf32>, %m: tensor<5x5xi64>) {
  // expected-error@+1 {{bias: expected floats, found 'i64'}}
  %y = nn.attention %q, %q, %q, %m {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>}
    : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<5x5xi64>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @mask_type(%q: tensor<1x4x5x8xf32>, %m: tensor<5x5xf32>) {
  // expected-error@+1 {{mask: expected booleans, found 'f32'}}
  %y = nn.attention %q, %q, %q, %m {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>}
    : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<5x5xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @causal(%q: tensor<1x4x5x8xf32>) {
  // expected-error@+1 {{attribute 'causal': expected none, top_left or bottom_right, found left}}
  %y = nn.attention %q, %q, %q {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "left"}
    : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @window(%q: tensor<1x4x5x8xf32>) {
  // expected-error@+1 {{attribute 'window': expected 0, or more for a causal one, found 4}}
  %y = nn.attention %q, %q, %q {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, window = 4 : i64}
    : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @lengths(%q: tensor<2x4x5x8xf32>, %n: tensor<3xi64>) {
  // expected-error@+1 {{lengths: expected 2, found 3}}
  %y = nn.attention %q, %q, %q, %n {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<3xi64>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @values(%q: tensor<2x4x5x8xf32>, %v: tensor<2x4x6x8xf32>) {
  // expected-error@+1 {{length of values: expected 5, found 6}}
  %y = nn.attention %q, %q, %v {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x6x8xf32>) -> tensor<2x4x5x8xf32>
  return
}

// -----

func.func @stage(%q: tensor<2x4x5x8xf32>) {
  // expected-error@+1 {{attribute 'stage': expected 0, 1, 2 or 3, found 4}}
  %y = nn.attention_scores %q, %q {operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>, stage = 4 : i64}
    : (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x5xf32>
  return
}
