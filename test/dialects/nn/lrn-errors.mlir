// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @size(%x: tensor<1x3xf32>) {
  // expected-error @below {{attribute 'size': expected at least 1, found 0}}
  %r = nn.lrn %x {size = 0 : i64} : (tensor<1x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @rank(%x: tensor<3xf32>) {
  // expected-error @below {{expected an input of rank 2 or more, found 'tensor<3xf32>'}}
  %r = nn.lrn %x {size = 1 : i64} : (tensor<3xf32>) -> tensor<*xf32>
  return
}
