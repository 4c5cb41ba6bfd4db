// RUN: tilewright-opt %s --lower-tile-scan=cpu=x86-64-v3 --split-input-file | FileCheck %s

// Lines of neighbours: one after the other, the sum in a register.
// CHECK-LABEL: @rows
// CHECK: scf.forall (%[[O:.*]]) in (4)
// CHECK: %{{.*}} = scf.for %[[I:.*]] = %{{.*}} to %c100 step %{{.*}} iter_args(%[[S:.*]] = %cst) -> (f32)
// CHECK: %[[X:.*]] = memref.load %arg0[%[[O]], %[[I]], %c0]
// CHECK: %[[N:.*]] = arith.addf %[[S]], %[[X]]
// CHECK: memref.store %[[N]], %arg1[%[[O]], %[[I]], %c0]
func.func @rows(%x: memref<4x100x1xf32>, %y: memref<4x100x1xf32>) attributes {tile.kernel} {
  tile.scan "add" ins(%x : memref<4x100x1xf32>) outs(%y : memref<4x100x1xf32>)
  return
}

// -----

// Neighbouring lines go together; from the end, each element left out of its own product.
// CHECK-LABEL: @columns
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (4, 2)
// CHECK: memref.alloc() : memref<16xf32>
// CHECK: scf.for
// CHECK: scf.for
// CHECK: scf.for
// CHECK: %[[S:.*]] = memref.load %{{.*}} : memref<16xf32>
// CHECK: %[[X:.*]] = arith.extf %{{.*}} : f16 to f32
// CHECK: %[[N:.*]] = arith.mulf %[[S]], %[[X]] : f32
// CHECK: %[[Y:.*]] = arith.truncf %[[S]] : f32 to f16
// CHECK: memref.store %[[Y]], %arg1
// CHECK: memref.store %[[N]], %{{.*}} : memref<16xf32>
func.func @columns(%x: memref<4x100x30xf16>, %y: memref<4x100x30xf16>) attributes {tile.kernel} {
  tile.scan "mul" ins(%x : memref<4x100x30xf16>) outs(%y : memref<4x100x30xf16>) {exclusive, reverse}
  return
}
