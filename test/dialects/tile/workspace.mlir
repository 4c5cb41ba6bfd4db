// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @workspace
func.func @workspace(%offset: index, %bytes: index) -> memref<?xi8> {
  // CHECK: tile.workspace[%{{.*}}] (%{{.*}}) : memref<?xi8>
  %0 = tile.workspace[%offset](%bytes) : memref<?xi8>
  return %0 : memref<?xi8>
}

// -----

func.func @floats(%offset: index, %bytes: index) -> memref<?xf32> {
  // expected-error @+1 {{result #0 must be 1D memref of 8-bit signless integer values, but got 'memref<?xf32>'}}
  %0 = tile.workspace[%offset](%bytes) : memref<?xf32>
  return %0 : memref<?xf32>
}
