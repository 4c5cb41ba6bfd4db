// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<2x3xf32>) {
  // expected-error @below {{attribute 'equation': expected a term of the right rank for each input, found ijk->i}}
  %r = nn.einsum %x {equation = "ijk->i"} : (tensor<2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @sizes(%x: tensor<2x3xf32>) {
  // expected-error @below {{attribute 'equation': dims of one name differ: 2 and 3}}
  %r = nn.einsum %x {equation = "ii->i"} : (tensor<2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @unknown(%x: tensor<2x3xf32>) {
  // expected-error @below {{attribute 'equation': expected the result's dims among the inputs', found ij->k}}
  %r = nn.einsum %x {equation = "ij->k"} : (tensor<2x3xf32>) -> tensor<*xf32>
  return
}
