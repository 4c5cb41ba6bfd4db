// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @too_many(%x: tensor<2x3xf32>) {
  %k = nn.constant dense<4> : tensor<1xi64>
  // expected-error @below {{input 'k': expected at most the axis's size 3, found 4}}
  %v, %i = nn.top_k %x, %k : (tensor<2x3xf32>, tensor<1xi64>) -> (tensor<*xf32>, tensor<*xi64>)
  return
}

// -----

func.func @many(%x: tensor<2x3xf32>, %k: tensor<2xi64>) {
  // expected-error @below {{input 'k': expected one integer, found 'tensor<2xi64>'}}
  %v, %i = nn.top_k %x, %k : (tensor<2x3xf32>, tensor<2xi64>) -> (tensor<*xf32>, tensor<*xi64>)
  return
}
