// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @map
func.func @map(%a: memref<4x256x512xf16>, %fits: i1) -> !llvm.ptr {
  // CHECK: tile.tensor_map %{{.*}} box [1, 128, 64] if %{{.*}} : memref<4x256x512xf16> -> !llvm.ptr
  %0 = tile.tensor_map %a box [1, 128, 64] if %fits : memref<4x256x512xf16> -> !llvm.ptr
  return %0 : !llvm.ptr
}

// -----

func.func @rank(%a: memref<2x2x2x2x2x64xf16>, %fits: i1) {
  // expected-error @+1 {{buffer: expected a rank of 1 to 5, found 6}}
  %0 = tile.tensor_map %a box [1, 1, 1, 1, 1, 64] if %fits : memref<2x2x2x2x2x64xf16> -> !llvm.ptr
  return
}

// -----

func.func @element(%a: memref<4xi3>, %fits: i1) {
  // expected-error @+1 {{buffer: expected elements of f16, bf16 or f32, found 'i3'}}
  %0 = tile.tensor_map %a box [1] if %fits : memref<4xi3> -> !llvm.ptr
  return
}

// -----

func.func @dims(%a: memref<4x64xf16>, %fits: i1) {
  // expected-error @+1 {{box: expected one size for each of 2 dims, found 1}}
  %0 = tile.tensor_map %a box [64] if %fits : memref<4x64xf16> -> !llvm.ptr
  return
}

// -----

func.func @sizes(%a: memref<4x64xf16>, %fits: i1) {
  // expected-error @+1 {{box: expected sizes of 1 to 256, found 512}}
  %0 = tile.tensor_map %a box [512, 64] if %fits : memref<4x64xf16> -> !llvm.ptr
  return
}

// -----

func.func @line(%a: memref<4x64xf16>, %fits: i1) {
  // expected-error @+1 {{box: expected an innermost size of 32, 64 or 128 bytes, found 48}}
  %0 = tile.tensor_map %a box [4, 24] if %fits : memref<4x64xf16> -> !llvm.ptr
  return
}

// -----

func.func @result(%a: memref<4x64xf16>, %fits: i1) {
  // expected-error @+1 {{map: expected an LLVM pointer, found 'i64'}}
  %0 = tile.tensor_map %a box [4, 64] if %fits : memref<4x64xf16> -> i64
  return
}
