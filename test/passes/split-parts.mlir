// RUN: tilewright-opt %s -split-input-file --split-parts --canonicalize | FileCheck %s

// Two launches, the second of which reads what the first wrote to the workspace.
// CHECK: module @host
// CHECK: func.func @k_grid(%[[N:.*]]: index) -> ({{.*}}) attributes {tile.grid}
// CHECK: %[[BLOCKS:.*]] = arith.minsi
// CHECK: return %[[BLOCKS]], %c256, %c0, %[[BYTES:.*]], %[[BLOCKS]], %c256, %c0, %[[BYTES]]
// CHECK: func.func @k_p0(%{{.*}}: memref<f32>, %{{.*}}: memref<f32>, %{{.*}}: i64, %[[W:.*]]: memref<i8>)
// CHECK-SAME: tile.team = "grid", tile.threads = 256
// CHECK: scf.forall
// CHECK-NOT: scf.forall
// CHECK: func.func @k_p1(
// CHECK: scf.forall
func.func @k(%x: memref<f32>, %y: memref<f32>, %n: index) attributes {tile.kernel} {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %from = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %to = memref.reinterpret_cast %y to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %size = arith.muli %n, %c4 : index
  %bytes = tile.workspace[%c0](%size) : memref<?xi8>
  %t = memref.view %bytes[%c0][%n] : memref<?xi8> to memref<?xf32>
  scf.forall (%i) in (%n) {
    %v = memref.load %from[%i] : memref<?xf32>
    memref.store %v, %t[%i] : memref<?xf32>
  } {tile.points}
  scf.forall (%i) in (%n) {
    %v = memref.load %t[%i] : memref<?xf32>
    memref.store %v, %to[%i] : memref<?xf32>
  } {tile.points}
  return
}

// -----

// A value that the first op makes is needed by the last one: one block does it all.
// CHECK: func.func @chain_p0({{.*}}tile.team = "block", tile.threads = 256
// CHECK: scf.for
// CHECK: scf.forall
// CHECK-NOT: @chain_p1
func.func @chain(%x: memref<i64>, %y: memref<i64>) attributes {tile.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0 : i64
  %to = memref.reinterpret_cast %y to offset: [0], sizes: [8], strides: [1] : memref<i64> to memref<8xi64>
  %sum = scf.for %i = %c0 to %c8 step %c1 iter_args(%s = %zero) -> (i64) {
    memref.store %s, %to[%i] : memref<8xi64>
    %v = memref.load %x[] : memref<i64>
    %0 = arith.addi %s, %v : i64
    scf.yield %0 : i64
  }
  scf.forall (%i) in (8) {
    memref.store %sum, %to[%i] : memref<8xi64>
  } {tile.points}
  return
}

// -----

// Blocks of threads: as many as trips, with the shared memory that they ask for.
// CHECK: func.func @tiles_grid
// CHECK: return %c6, %c128, %c1024, %c0
// CHECK: func.func @tiles_p0({{.*}}tile.team = "blocks", tile.threads = 128
func.func @tiles(%y: memref<f32>) attributes {tile.kernel} {
  %v = arith.constant 1.0 : f32
  scf.forall (%i, %j) in (2, 3) {
    memref.store %v, %y[] : memref<f32>
  } {tile.threads = 128 : i64, tile.shared = 1024 : i64}
  return
}

// -----

// A tensor map becomes a parameter behind the workspace. The host describes it, from addresses too; the second launch is for
// what the first one does not do.
// CHECK: func.func @maps_grid(%[[X:.*]]: memref<f16>, %{{.*}}: memref<f16>, %[[N:.*]]: index) -> ({{.*}}) attributes {tile.grid}
// CHECK: %[[ADDRESS:.*]] = memref.extract_aligned_pointer_as_index %[[X]]
// CHECK: %[[FITS:.*]] = arith.cmpi eq, %[[ADDRESS]], %c0
// CHECK: %[[FIRST:.*]] = arith.select %[[FITS]], %c4, %c0
// CHECK: %[[DONE:.*]] = arith.cmpi {{.*}}%[[FIRST]]
// CHECK: %[[SECOND:.*]] = arith.select %[[DONE]], %c0, %c8
// CHECK: return %[[FIRST]], %c384, %c1024, %c0, %[[SECOND]], %c128, %c0, %c0
// CHECK: func.func @maps_maps(%{{.*}}: memref<f16>, %{{.*}}: memref<f16>, %[[N:.*]]: index) -> ({{.*}})
// CHECK-SAME: tile.tensor_maps = [{box = array<i64: 128, 64>, buffer = 0 : i64, swizzle = 3 : i64, type = 6 : i64}]
// CHECK: %[[RANK:.*]] = arith.select %{{.*}}, %c2, %c0
// CHECK: %{{.*}}, %{{.*}}, %[[SIZES:.*]]:2, %[[STRIDES:.*]]:2 = memref.extract_strided_metadata
// CHECK: %[[BYTES:.*]] = arith.muli %[[STRIDES]]#0, %c2
// CHECK: return %[[RANK]], %c256, %[[SIZES]]#1, %[[BYTES]]
// CHECK: func.func @maps_p0({{.*}}, %[[W:.*]]: memref<i8>, %[[MAP:.*]]: !llvm.ptr {tile.tensor_map})
// CHECK: llvm.store %{{.*}}, %[[MAP]]
// CHECK: func.func @maps_p1({{.*}}: memref<i8>, %{{.*}}: !llvm.ptr {tile.tensor_map})
func.func @maps(%x: memref<f16>, %y: memref<f16>, %n: index) attributes {tile.kernel} {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0 : i8
  %from = memref.reinterpret_cast %x to offset: [0], sizes: [256, %n], strides: [%n, 1] : memref<f16> to memref<256x?xf16>
  %address = memref.extract_aligned_pointer_as_index %x : memref<f16> -> index
  %fits = arith.cmpi eq, %address, %c0 : index
  %map = tile.tensor_map %from box [128, 64] if %fits : memref<256x?xf16> -> !llvm.ptr
  %trips = arith.select %fits, %c4, %c0 : index
  scf.forall (%i) in (%trips) {
    llvm.store %zero, %map : i8, !llvm.ptr
  } {tile.threads = 384 : i64, tile.shared = 1024 : i64}
  scf.forall (%i) in (8) {
    %v = memref.load %y[] : memref<f16>
    memref.store %v, %y[] : memref<f16>
  } {tile.threads = 128 : i64, tile.otherwise}
  return
}
