// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @largest
// CHECK: tile.sort ins(%{{.*}} : tensor<4x?x1xf32>) outs(%{{.*}}, %{{.*}} : tensor<4x5x1xf32>, tensor<4x5x1xi64>) {descending} -> tensor<4x5x1xf32>, tensor<4x5x1xi64>
func.func @largest(%x: tensor<4x?x1xf32>, %a: tensor<4x5x1xf32>, %b: tensor<4x5x1xi64>) -> tensor<4x5x1xi64> {
  %v, %p = tile.sort ins(%x : tensor<4x?x1xf32>) outs(%a, %b : tensor<4x5x1xf32>, tensor<4x5x1xi64>) {descending}
           -> tensor<4x5x1xf32>, tensor<4x5x1xi64>
  return %p : tensor<4x5x1xi64>
}

// -----

// CHECK-LABEL: @bytes
// CHECK: tile.sort ins({{.*}}) outs({{.*}}) {as_unsigned}
func.func @bytes(%x: memref<2x9x3xi8>, %a: memref<2x9x3xi8>, %b: memref<2x9x3xi64>) {
  tile.sort ins(%x : memref<2x9x3xi8>) outs(%a, %b : memref<2x9x3xi8>, memref<2x9x3xi64>) {as_unsigned}
  return
}

// -----

func.func @rank(%x: memref<9xi8>, %a: memref<9xi8>, %b: memref<9xi64>) {
  // expected-error @below {{expected operands of rank 3, found 'memref<9xi8>', 'memref<9xi8>' and 'memref<9xi64>'}}
  tile.sort ins(%x : memref<9xi8>) outs(%a, %b : memref<9xi8>, memref<9xi64>)
  return
}

// -----

func.func @values(%x: memref<2x9x3xi8>, %a: memref<2x9x3xi16>, %b: memref<2x9x3xi64>) {
  // expected-error @below {{element type of values: expected 'i8', found 'i16'}}
  tile.sort ins(%x : memref<2x9x3xi8>) outs(%a, %b : memref<2x9x3xi16>, memref<2x9x3xi64>)
  return
}

// -----

func.func @places(%x: memref<2x9x3xi8>, %a: memref<2x9x3xi8>, %b: memref<2x9x3xi32>) {
  // expected-error @below {{element type of places: expected i64, found 'i32'}}
  tile.sort ins(%x : memref<2x9x3xi8>) outs(%a, %b : memref<2x9x3xi8>, memref<2x9x3xi32>)
  return
}

// -----

func.func @lines(%x: memref<2x9x3xi8>, %a: memref<2x9x4xi8>, %b: memref<2x9x4xi64>) {
  // expected-error @below {{dim 2 of values: expected 3, found 4}}
  tile.sort ins(%x : memref<2x9x3xi8>) outs(%a, %b : memref<2x9x4xi8>, memref<2x9x4xi64>)
  return
}
