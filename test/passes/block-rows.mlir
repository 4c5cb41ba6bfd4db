// RUN: tilewright-opt %s --block-rows --split-input-file | FileCheck %s

// x / sum(x) by a warp for each row of 96 columns, four rows in a block: 16-byte accesses, one load and one store of an element,
// five shuffles. The temporaries are gone.
// CHECK-LABEL: @normalize
// CHECK-NOT: memref.alloc
// CHECK-NOT: linalg
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: vector.load %arg0{{.*}} {alignment = 16 : i64} : memref<8x96xf32>, vector<4xf32>
// CHECK-COUNT-5: nvvm.shfl.sync
// CHECK-NOT: memref.load
// CHECK: arith.divf
// CHECK: vector.store %{{.*}} {alignment = 16 : i64} : memref<8x96xf32>, vector<4xf32>
// CHECK: tile.threads = 128
#row = affine_map<(i) -> (i)>
#sum = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> (i, j)>
func.func @normalize(%x: memref<8x96xf32>, %y: memref<8x96xf32>) attributes {tile.kernel} {
  %zero = arith.constant 0.0 : f32
  %s = memref.alloc() : memref<8xf32>
  linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [#all, #sum], iterator_types = ["parallel", "reduction"]} ins(%x : memref<8x96xf32>) outs(%s : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #sum, #all], iterator_types = ["parallel", "parallel"]} ins(%x, %s : memref<8x96xf32>, memref<8xf32>) outs(%y : memref<8x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.divf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// A row of 4000 columns has a block: warps tell each other their sums.
// CHECK: llvm.mlir.global external @tw_shared
// CHECK-LABEL: @long_rows
// CHECK: nvvm.barrier0
// CHECK: tile.shared = 64 : i64, tile.threads = 256
func.func @long_rows(%x: memref<8x4000xf32>, %y: memref<8xf32>) attributes {tile.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<8xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<8x4000xf32>) outs(%y : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Of any length: by warps, by blocks, and by blocks that go along them.
// CHECK-LABEL: @any_rows
// CHECK: scf.forall
// CHECK: tile.threads = 128
// CHECK: scf.forall
// CHECK: tile.threads = 512
// CHECK: scf.forall
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %{{.*}} step %c8192
// CHECK: tile.threads = 512
// CHECK-NOT: linalg.generic
func.func @any_rows(%x: memref<?x?xf32>, %y: memref<?xf32>) attributes {tile.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Rows that do not fit registers: along them for the sum, and again for what is divided by it, which is stored then.
// CHECK-LABEL: @longer_rows
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: %[[S:.*]] = scf.for %{{.*}} = %c0{{.*}} to %c100000{{.*}} iter_args
// CHECK-NOT: vector.store
// CHECK: nvvm.barrier0
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c100000
// CHECK: arith.divf
// CHECK: vector.store
// CHECK-NOT: linalg.generic
func.func @longer_rows(%x: memref<2x100000xf32>, %y: memref<2x100000xf32>) attributes {tile.kernel} {
  %zero = arith.constant 0.0 : f32
  %s = memref.alloc() : memref<2xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%s : memref<2xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x100000xf32>) outs(%s : memref<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x, %s : memref<2x100000xf32>, memref<2xf32>) outs(%y : memref<2x100000xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.divf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Not a row's own: the second op reads sums of other rows, and the reduction is over outer dims.
// CHECK-LABEL: @across_rows
// CHECK: scf.forall
// CHECK: linalg.generic
// CHECK-LABEL: @columns
// CHECK-NOT: scf.forall
func.func @across_rows(%x: memref<8x8xf32>, %s: memref<8xf32>, %y: memref<8x8xf32>) attributes {tile.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<8x8xf32>) outs(%s : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%s : memref<8xf32>) outs(%y : memref<8x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  return
}
func.func @columns(%x: memref<8x8xf32>, %s: memref<8xf32>) attributes {tile.kernel} {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]} ins(%x : memref<8x8xf32>) outs(%s : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  return
}
