// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @positions
// CHECK: tile.compact ins(%{{.*}} : tensor<?xi1>) outs(%{{.*}} : tensor<?xi64>) -> tensor<?xi64>
func.func @positions(%x: tensor<?xi1>, %y: tensor<?xi64>) -> tensor<?xi64> {
  %r = tile.compact ins(%x : tensor<?xi1>) outs(%y : tensor<?xi64>) -> tensor<?xi64>
  return %r : tensor<?xi64>
}

// -----

func.func @flags(%x: memref<8xi8>, %y: memref<8xi64>) {
  // expected-error @below {{flags: expected rank 1 and i1, found 'memref<8xi8>'}}
  tile.compact ins(%x : memref<8xi8>) outs(%y : memref<8xi64>)
  return
}

// -----

func.func @init(%x: memref<8xi1>, %y: memref<8xi32>) {
  // expected-error @below {{init: expected rank 1 and i64, found 'memref<8xi32>'}}
  tile.compact ins(%x : memref<8xi1>) outs(%y : memref<8xi32>)
  return
}
