// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @sums
// CHECK: tile.scan "add" ins(%{{.*}} : tensor<4x?x8xf32>) outs(%{{.*}} : tensor<4x?x8xf32>) {reverse} -> tensor<4x?x8xf32>
func.func @sums(%x: tensor<4x?x8xf32>, %y: tensor<4x?x8xf32>) -> tensor<4x?x8xf32> {
  %r = tile.scan "add" ins(%x : tensor<4x?x8xf32>) outs(%y : tensor<4x?x8xf32>) {reverse} -> tensor<4x?x8xf32>
  return %r : tensor<4x?x8xf32>
}

// -----

// CHECK-LABEL: @products
// CHECK: tile.scan "mul" ins(%{{.*}} : memref<1x5x1xi64>) outs(%{{.*}} : memref<1x5x1xi64>) {exclusive}
func.func @products(%x: memref<1x5x1xi64>, %y: memref<1x5x1xi64>) {
  tile.scan "mul" ins(%x : memref<1x5x1xi64>) outs(%y : memref<1x5x1xi64>) {exclusive}
  return
}

// -----

func.func @kind(%x: memref<1x5x1xi64>, %y: memref<1x5x1xi64>) {
  // expected-error @below {{kind: expected add or mul, found max}}
  tile.scan "max" ins(%x : memref<1x5x1xi64>) outs(%y : memref<1x5x1xi64>)
  return
}

// -----

func.func @rank(%x: memref<5xi64>, %y: memref<5xi64>) {
  // expected-error @below {{expected operands of rank 3, found 'memref<5xi64>' and 'memref<5xi64>'}}
  tile.scan "add" ins(%x : memref<5xi64>) outs(%y : memref<5xi64>)
  return
}

// -----

func.func @type(%x: memref<1x5x1xi64>, %y: memref<1x5x1xi32>) {
  // expected-error @below {{element type of init: expected 'i64', found 'i32'}}
  tile.scan "add" ins(%x : memref<1x5x1xi64>) outs(%y : memref<1x5x1xi32>)
  return
}

// -----

func.func @length(%x: memref<1x5x1xi64>, %y: memref<1x6x1xi64>) {
  // expected-error @below {{dim 1 of init: expected 5, found 6}}
  tile.scan "add" ins(%x : memref<1x5x1xi64>) outs(%y : memref<1x6x1xi64>)
  return
}
