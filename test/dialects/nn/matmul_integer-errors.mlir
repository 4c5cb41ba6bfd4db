// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @depths(%a: tensor<4x3xui8>, %b: tensor<4x5xi8>) {
  // expected-error @below {{expected as many columns on the left as rows on the right, found 3 and 4}}
  %0 = nn.matmul_integer %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32}
    : (tensor<4x3xui8>, tensor<4x5xi8>) -> tensor<*xi32>
  return
}

// -----

func.func @scalar(%a: tensor<ui8>, %b: tensor<4x5xi8>) {
  // expected-error @below {{expected vectors or matrices, found 'tensor<ui8>' and 'tensor<4x5xi8>'}}
  %0 = nn.matmul_integer %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32}
    : (tensor<ui8>, tensor<4x5xi8>) -> tensor<*xi32>
  return
}

// -----

func.func @type(%a: tensor<4x4xui8>, %b: tensor<4x5xi8>) {
  // expected-error @below {{attribute 'to': expected i32 or f32, found 'i16'}}
  %0 = nn.matmul_integer %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i16}
    : (tensor<4x4xui8>, tensor<4x5xi8>) -> tensor<4x5xi16>
  return
}
