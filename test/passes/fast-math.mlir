// RUN: tilewright-opt --fast-math %s | FileCheck %s

// CHECK-LABEL: @exponential
// CHECK: %[[SCALED:.*]] = arith.mulf %arg0, %{{.*}}
// CHECK: llvm.inline_asm {{.*}}"ex2.approx.ftz.f32 $0, $1;", "=f,f" %[[SCALED]]
func.func @exponential(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  return %0 : f32
}

// CHECK-LABEL: @logarithm
// CHECK: %[[LOG2:.*]] = llvm.inline_asm {{.*}}"lg2.approx.ftz.f32 $0, $1;"
// CHECK: arith.mulf %[[LOG2]], %cst
func.func @logarithm(%x: f32) -> f32 {
  %0 = math.log %x : f32
  return %0 : f32
}

// CHECK-LABEL: @others
// CHECK: tanh.approx.f32
// CHECK: sin.approx.ftz.f32
// CHECK: cos.approx.ftz.f32
// CHECK: sqrt.approx.ftz.f32
// CHECK: rsqrt.approx.ftz.f32
// CHECK: %[[INVERSE:.*]] = llvm.inline_asm {{.*}}rcp.approx.ftz.f32
// CHECK: arith.mulf %arg0, %[[INVERSE]]
func.func @others(%x: f32) -> f32 {
  %0 = math.tanh %x : f32
  %1 = math.sin %0 : f32
  %2 = math.cos %1 : f32
  %3 = math.sqrt %2 : f32
  %4 = math.rsqrt %3 : f32
  %5 = arith.divf %x, %4 : f32
  return %5 : f32
}

// f64 has no such instructions.
// CHECK-LABEL: @double
// CHECK-NEXT: math.exp
// CHECK-NEXT: arith.divf
func.func @double(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  %1 = arith.divf %0, %x : f64
  return %1 : f64
}
