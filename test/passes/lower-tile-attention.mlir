// RUN: tilewright-opt %s -lower-tile-attention=cpu=x86-64-v4 | FileCheck %s

// A tile of 6 keys x 64 queries stays in registers; exponentials are polynomials on vectors.
// CHECK-LABEL: @step
// CHECK-NOT: tile.attention_step
// CHECK: llvm.intr.fmuladd{{.*}} vector<16xf32>
// CHECK: arith.shli {{.*}} vector<16xi32>
// CHECK: return
module {
  func.func @step(%q: memref<4x64x64xf32>, %k: memref<?x64xf32>, %v: memref<?x64xf32>, %m: memref<4x64xf32>, %l: memref<4x64xf32>,
                  %a: memref<4x64x64xf32>, %rows: index, %at: index) {
    tile.attention_step ins(%q, %k, %v : memref<4x64x64xf32>, memref<?x64xf32>, memref<?x64xf32>) rows(%rows) position(%at)
      outs(%m, %l, %a : memref<4x64xf32>, memref<4x64xf32>, memref<4x64x64xf32>) {causal}
    return
  }

  // One query: keys and values are read along their rows, 16 components at a time; there are no tiles of queries.
  // CHECK-LABEL: @single
  // CHECK: llvm.load {{.*}} -> vector<16xf32>
  // CHECK: vector.reduction <add>
  // CHECK: return
  func.func @single(%q: memref<1x64x64xf32>, %k: memref<?x64xf32>, %v: memref<?x64xf32>, %m: memref<1x64xf32>, %l: memref<1x64xf32>,
                    %a: memref<1x64x64xf32>, %at: index) {
    %one = arith.constant 1 : index
    tile.attention_step ins(%q, %k, %v : memref<1x64x64xf32>, memref<?x64xf32>, memref<?x64xf32>) rows(%one) position(%at)
      outs(%m, %l, %a : memref<1x64xf32>, memref<1x64xf32>, memref<1x64x64xf32>)
    return
  }

  // CHECK-LABEL: @ends
  // CHECK-NOT: tile.pack_queries
  // CHECK-NOT: tile.attention_finish
  // CHECK: vector.shuffle
  // CHECK: return
  func.func @ends(%x: memref<?x40xf32>, %p: memref<1x40x64xf32>, %l: memref<1x64xf32>, %y: memref<?x40xf32>) {
    tile.pack_queries ins(%x : memref<?x40xf32>) outs(%p : memref<1x40x64xf32>) {scale = 1.0 : f32}
    tile.attention_finish ins(%l, %p : memref<1x64xf32>, memref<1x40x64xf32>) outs(%y : memref<?x40xf32>) {dead_rows = "zero"}
    return
  }
}
