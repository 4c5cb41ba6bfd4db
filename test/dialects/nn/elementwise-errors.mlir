// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @shapes(%a: tensor<2x3xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{operands do not broadcast: 2x3 against 4}}
  %r = nn.add %a, %b : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @element_types(%a: tensor<4xf32>, %b: tensor<4xi32>) {
  // expected-error @below {{requires the same element type for all operands}}
  %r = nn.add %a, %b : (tensor<4xf32>, tensor<4xi32>) -> tensor<*xf32>
  return
}

// -----

func.func @floats_only(%a: tensor<4xi32>) {
  // expected-error @below {{operand #0 must be ranked tensor of floating-point values, but got 'tensor<4xi32>'}}
  %r = nn.exp %a : (tensor<4xi32>) -> tensor<*xi32>
  return
}

// -----

func.func @branches(%c: tensor<4xi1>, %a: tensor<4xi32>, %b: tensor<4xf32>) {
  // expected-error @below {{failed to verify that all of {x, y} have same element type}}
  %r = nn.where %c, %a, %b : (tensor<4xi1>, tensor<4xi32>, tensor<4xf32>) -> tensor<*xi32>
  return
}

// -----

func.func @direction(%a: tensor<4xui8>) {
  // expected-error @below {{attribute 'direction': expected LEFT or RIGHT, found UP}}
  %r = nn.bit_shift %a, %a {direction = "UP"} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  return
}

// -----

func.func @approximate(%a: tensor<4xf32>) {
  // expected-error @below {{attribute 'approximate': expected none or tanh, found erf}}
  %r = nn.gelu %a {approximate = "erf"} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @no_inputs() {
  // expected-error @below {{expected 1 or more operands, but found 0}}
  %r = nn.max : () -> tensor<4xf32>
  return
}

// -----

func.func @round_mode(%a: tensor<4xf32>) {
  // expected-error @below {{attribute 'round_mode': expected up, down or nearest, found zero}}
  %r = nn.cast %a {to = f8E8M0FNU, round_mode = "zero"} : (tensor<4xf32>) -> tensor<4xf8E8M0FNU>
  return
}
