// RUN: tilewright-opt %s --approximate-math | FileCheck %s

// CHECK-LABEL: @single
func.func @single(%x: f32) -> f32 {
  // CHECK-NOT: math.exp
  // CHECK: math.fma
  // CHECK-NOT: call
  %0 = math.exp %x : f32
  return %0 : f32
}

// A polynomial would not be good enough for 53 bits.
// CHECK-LABEL: @double
func.func @double(%x: f64) -> f64 {
  // CHECK: call @exp(%{{.*}}) : (f64) -> f64
  %0 = math.exp %x : f64
  return %0 : f64
}

// CHECK-LABEL: @instruction
func.func @instruction(%x: f64) -> f64 {
  // CHECK: math.sqrt
  %0 = math.sqrt %x : f64
  return %0 : f64
}
