// RUN: tilewright-opt %s --infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @shapes
func.func @shapes(%a: tensor<2x1x5x7xf32>, %b: tensor<3x7x9xf32>, %v: tensor<7xf32>, %m: tensor<?x7xf32>) {
  // CHECK: -> tensor<2x3x5x9xf32>
  %0 = nn.matmul %a, %b : (tensor<2x1x5x7xf32>, tensor<3x7x9xf32>) -> tensor<?x?x?x?xf32>
  // CHECK: -> tensor<3x9xf32>
  %1 = nn.matmul %v, %b : (tensor<7xf32>, tensor<3x7x9xf32>) -> tensor<?x?xf32>
  // CHECK: -> tensor<2x1x5xf32>
  %2 = nn.matmul %a, %v : (tensor<2x1x5x7xf32>, tensor<7xf32>) -> tensor<?x?x?xf32>
  // CHECK: -> tensor<f32>
  %3 = nn.matmul %v, %v : (tensor<7xf32>, tensor<7xf32>) -> tensor<f32>
  // CHECK: -> tensor<3x?x9xf32>
  %4 = nn.matmul %m, %b : (tensor<?x7xf32>, tensor<3x7x9xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @depth(%a: tensor<5x7xf32>, %b: tensor<8x9xf32>) {
  // expected-error @below {{expected as many columns on the left as rows on the right, found 7 and 8}}
  %0 = nn.matmul %a, %b : (tensor<5x7xf32>, tensor<8x9xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @batch(%a: tensor<2x5x7xf32>, %b: tensor<3x7x9xf32>) {
  // expected-error @below {{batch dims do not broadcast: 2 against 3}}
  %0 = nn.matmul %a, %b : (tensor<2x5x7xf32>, tensor<3x7x9xf32>) -> tensor<?x?x?xf32>
  return
}

// -----

func.func @scalar(%a: tensor<f32>, %b: tensor<7x9xf32>) {
  // expected-error @below {{expected vectors or matrices, found 'tensor<f32>' and 'tensor<7x9xf32>'}}
  %0 = nn.matmul %a, %b : (tensor<f32>, tensor<7x9xf32>) -> tensor<9xf32>
  return
}
