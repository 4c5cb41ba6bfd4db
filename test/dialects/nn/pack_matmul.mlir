// RUN: tilewright-opt %s --infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @panels
func.func @panels(%b: tensor<2x7x100xf32>, %t: tensor<100x7xf32>) {
  // CHECK: -> tensor<2x4x7x32xf32>
  %0 = nn.pack_matmul %b {width = 32 : i64} : (tensor<2x7x100xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: -> tensor<4x7x32xf32>
  %1 = nn.pack_matmul %t {width = 32 : i64, transposed} : (tensor<100x7xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @vector(%b: tensor<7xf32>) {
  // expected-error @below {{expected a matrix, found 'tensor<7xf32>'}}
  %0 = nn.pack_matmul %b {width = 32 : i64} : (tensor<7xf32>) -> tensor<?x?x?xf32>
  return
}
