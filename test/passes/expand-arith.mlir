// RUN: tilewright-opt %s --expand-arith | FileCheck %s

// CHECK-LABEL: @division
func.func @division(%a: index, %b: index) -> index {
  // CHECK-NOT: arith.ceildivsi
  %q = arith.ceildivsi %a, %b : index
  return %q : index
}

// CHECK-LABEL: @brain_float
func.func @brain_float(%x: f32) -> bf16 {
  // CHECK-NOT: arith.truncf
  %y = arith.truncf %x : f32 to bf16
  return %y : bf16
}

// A maximum stays one: LLVM vectorises its reductions.
// CHECK-LABEL: @maximum
func.func @maximum(%x: f32, %y: f32) -> f32 {
  // CHECK: arith.maximumf
  %m = arith.maximumf %x, %y : f32
  return %m : f32
}
