// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @neither(%q: tensor<1x5x4x8xf32>, %s: tensor<3xi32>) {
  // expected-error@+1 {{expected key_starts or a block_table, and not both}}
  %y = nn.packed_attention %q, %q, %q, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<3xi32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @no_lengths(%q: tensor<1x5x4x8xf32>, %s: tensor<3xi32>, %t: tensor<2x3xi32>) {
  // expected-error@+1 {{expected lengths, since keys are in pages}}
  %y = nn.packed_attention %q, %q, %q, %s, %t {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 0, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<3xi32>, tensor<2x3xi32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @counts(%q: tensor<1x5x4x8xf32>, %s: tensor<3xi32>, %t: tensor<4xi32>) {
  // expected-error@+1 {{key_starts: expected 3 for 2 sequences, found 4}}
  %y = nn.packed_attention %q, %q, %q, %s, %t {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<3xi32>, tensor<4xi32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @no_starts(%q: tensor<1x5x4x8xf32>, %s: tensor<0xi32>) {
  // expected-error@+1 {{query_starts: expected a number more than there are sequences, found none}}
  %y = nn.packed_attention %q, %q, %q, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<0xi32>, tensor<0xi32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @heads(%q: tensor<1x5x4x8xf32>, %k: tensor<1x5x3x8xf32>, %s: tensor<3xi32>) {
  // expected-error@+1 {{heads of keys and values: expected a divisor of the 4 heads of queries, found 3}}
  %y = nn.packed_attention %q, %k, %k, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<1x5x3x8xf32>, tensor<1x5x3x8xf32>, tensor<3xi32>, tensor<3xi32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @sizes(%q: tensor<1x5x4x8xf32>, %k: tensor<1x5x4x7xf32>, %s: tensor<3xi32>) {
  // expected-error@+1 {{size of the keys' heads: expected 8, found 7}}
  %y = nn.packed_attention %q, %k, %k, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<1x5x4x7xf32>, tensor<1x5x4x7xf32>, tensor<3xi32>, tensor<3xi32>) -> tensor<1x5x4x7xf32>
  return
}

// -----

func.func @unknown_size(%q: tensor<1x5x4x?xf32>, %s: tensor<3xi32>) {
  // expected-error@+1 {{expected heads of a size that is known and at most 512}}
  %y = nn.packed_attention %q, %q, %q, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x5x4x?xf32>, tensor<1x5x4x?xf32>, tensor<1x5x4x?xf32>, tensor<3xi32>, tensor<3xi32>) -> tensor<1x5x4x?xf32>
  return
}

// -----

func.func @double(%q: tensor<1x5x4x8xf64>, %s: tensor<3xi32>) {
  // expected-error@+1 {{expected q, k and v of rank 4 and of one type, f32, f16 or bf16, found}}
  %y = nn.packed_attention %q, %q, %q, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x5x4x8xf64>, tensor<1x5x4x8xf64>, tensor<1x5x4x8xf64>, tensor<3xi32>, tensor<3xi32>) -> tensor<1x5x4x8xf64>
  return
}

// -----

func.func @starts(%q: tensor<1x5x4x8xf32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{query_starts: expected i32 or i64 of rank 1, found}}
  %y = nn.packed_attention %q, %q, %q, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @page_size(%q: tensor<1x5x4x8xf32>, %k: tensor<9x?x4x8xf32>, %s: tensor<3xi32>, %t: tensor<2x3xi32>, %l: tensor<2xi32>) {
  // expected-error@+1 {{page size: expected one that is known and at least 1, found}}
  %y = nn.packed_attention %q, %k, %k, %s, %t, %l {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 1, 0, 0>}
    : (tensor<1x5x4x8xf32>, tensor<9x?x4x8xf32>, tensor<9x?x4x8xf32>, tensor<3xi32>, tensor<2x3xi32>, tensor<2xi32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @window(%q: tensor<1x5x4x8xf32>, %s: tensor<3xi32>) {
  // expected-error@+1 {{attribute 'window': expected 0, or more for a causal one, found 3}}
  %y = nn.packed_attention %q, %q, %q, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>, window = 3 : i64}
    : (tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<1x5x4x8xf32>, tensor<3xi32>, tensor<3xi32>) -> tensor<1x5x4x8xf32>
  return
}
