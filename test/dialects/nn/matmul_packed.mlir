// RUN: tilewright-opt %s --infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @shapes
func.func @shapes(%a: tensor<3x?x7xf32>, %v: tensor<7xf32>, %p: tensor<4x7x32xf32>) {
  // CHECK: -> tensor<3x?x100xf32>
  %0 = nn.matmul_packed %a, %p {columns = 100 : i64, width = 32 : i64} : (tensor<3x?x7xf32>, tensor<4x7x32xf32>) -> tensor<?x?x?xf32>
  // CHECK: -> tensor<100xf32>
  %1 = nn.matmul_packed %v, %p {columns = 100 : i64, width = 32 : i64} : (tensor<7xf32>, tensor<4x7x32xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @depth(%a: tensor<5x8xf32>, %p: tensor<4x7x32xf32>) {
  // expected-error @below {{expected as many columns on the left as rows on the right, found 8 and 7}}
  %0 = nn.matmul_packed %a, %p {columns = 100 : i64, width = 32 : i64} : (tensor<5x8xf32>, tensor<4x7x32xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @matrix(%a: tensor<5x7xf32>, %p: tensor<7x32xf32>) {
  // expected-error @below {{expected a matrix and panels, found}}
  %0 = nn.matmul_packed %a, %p {columns = 32 : i64, width = 32 : i64} : (tensor<5x7xf32>, tensor<7x32xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @width(%a: tensor<5x7xf32>, %p: tensor<4x7x32xf32>) {
  // expected-error @below {{attribute 'width': expected that of the panels, 32, found 48}}
  %0 = nn.matmul_packed %a, %p {columns = 100 : i64, width = 48 : i64} : (tensor<5x7xf32>, tensor<4x7x32xf32>) -> tensor<?x?xf32>
  return
}
