// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @width(%x: tensor<3xf32>) {
  // expected-error @below {{attribute 'to': expected a type as wide as 'f32', found 'i16'}}
  %r = nn.bit_cast %x {to = i16} : (tensor<3xf32>) -> tensor<3xi16>
  return
}
