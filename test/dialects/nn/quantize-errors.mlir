// RUN: tilewright-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @blocks(%x: tensor<2x4xf32>, %scale: tensor<2x2xf32>) {
  // expected-error @below {{input 'scale': expected a scalar, a vector, or with 'block_size' rank 2, found 'tensor<2x2xf32>'}}
  %r = nn.quantize_linear %x, %scale : (tensor<2x4xf32>, tensor<2x2xf32>) -> tensor<*xui8>
  return
}
