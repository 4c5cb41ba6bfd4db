// RUN: tilewright-opt %s --infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @shapes
func.func @shapes(%a: tensor<7x?xf32>, %b: tensor<9x7xf32>, %c: tensor<9xf32>) {
  // CHECK: -> tensor<?x9xf32>
  %0 = nn.gemm %a, %b, %c {transA = 1 : i64, transB = 1 : i64} : (tensor<7x?xf32>, tensor<9x7xf32>, tensor<9xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @addend(%a: tensor<5x7xf32>, %b: tensor<7x9xf32>, %c: tensor<8xf32>) {
  // expected-error @below {{operand C: expected dims that broadcast to 5x9, found 'tensor<8xf32>'}}
  %0 = nn.gemm %a, %b, %c : (tensor<5x7xf32>, tensor<7x9xf32>, tensor<8xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @vector(%a: tensor<7xf32>, %b: tensor<7x9xf32>) {
  // expected-error @below {{expected matrices, found 'tensor<7xf32>' and 'tensor<7x9xf32>'}}
  %0 = nn.gemm %a, %b : (tensor<7xf32>, tensor<7x9xf32>) -> tensor<?x?xf32>
  return
}
