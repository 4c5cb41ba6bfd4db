// RUN: tilewright-opt %s -infer-shapes -verify-diagnostics

func.func @channels(%x: tensor<1x4x8x8xui8>, %w: tensor<4x3x3x3xi8>) {
  // expected-error @below {{attribute 'group': expected an input of 3 channels (the weight's 3 times 1 groups), found 4}}
  %0 = nn.conv_integer %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>}
    : (tensor<1x4x8x8xui8>, tensor<4x3x3x3xi8>) -> tensor<*xi32>
  return
}
