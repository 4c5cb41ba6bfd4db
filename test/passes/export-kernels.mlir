// RUN: tilewright-opt %s --export-kernels | FileCheck %s

// CHECK: llvm.func internal @k_body(
llvm.func @k(%x: !llvm.ptr, %y: !llvm.ptr, %scale: f32, %n: i64, %begin: i64, %end: i64, %w: !llvm.ptr, %s: !llvm.ptr) attributes {tile.kernel} {
  llvm.return
}
// CHECK: llvm.func internal @k_grid_body(
llvm.func @k_grid(%scale: f32, %n: i64) -> !llvm.struct<(i64, i64, i64)> attributes {tile.grid} {
  %0 = llvm.mlir.poison : !llvm.struct<(i64, i64, i64)>
  llvm.return %0 : !llvm.struct<(i64, i64, i64)>
}

// void k(const tw_args *, int64_t begin, int64_t end, void *workspace, void *shared)
// CHECK: llvm.func @k(%[[ARGS:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64, %[[W:.*]]: !llvm.ptr, %[[S:.*]]: !llvm.ptr)
// CHECK: llvm.load %[[ARGS]] : !llvm.ptr -> !llvm.struct<(ptr, ptr)>
// CHECK: llvm.trunc %{{.*}} : i64 to i32
// CHECK: llvm.bitcast %{{.*}} : i32 to f32
// CHECK: llvm.call @k_body({{.*}}, %[[BEGIN]], %[[END]], %[[W]], %[[S]])

// void k_grid(const tw_args *, int64_t *out)
// CHECK: llvm.func @k_grid(%{{.*}}: !llvm.ptr, %[[OUT:.*]]: !llvm.ptr)
// CHECK: llvm.call @k_grid_body(
// CHECK-COUNT-3: llvm.store

// void k_maps(const tw_args *, tw_tensor_map *out): of two dims, where the innermost comes first.
// CHECK: llvm.func @k_maps(%{{.*}}: !llvm.ptr, %[[OUT:.*]]: !llvm.ptr)
// CHECK: %[[BODY:.*]] = llvm.call @k_maps_body(
// CHECK: %[[RANK:.*]] = llvm.extractvalue %[[BODY]][0]
// CHECK: %[[OUTER:.*]] = llvm.extractvalue %[[BODY]][1]
// CHECK: %[[INNER:.*]] = llvm.extractvalue %[[BODY]][2]
// CHECK: %[[STRIDE:.*]] = llvm.extractvalue %[[BODY]][3]
// CHECK: llvm.getelementptr %[[OUT]][8]
// CHECK: llvm.getelementptr %[[OUT]][32]
// CHECK-NEXT: llvm.store %[[INNER]],
// CHECK: llvm.mlir.constant(64 : i32)
// CHECK: llvm.getelementptr %[[OUT]][40]
// CHECK-NEXT: llvm.store %[[OUTER]],
// CHECK: llvm.getelementptr %[[OUT]][72]
// CHECK-NEXT: llvm.store %[[STRIDE]],
// CHECK: llvm.mlir.constant(128 : i32)
llvm.func @k_maps(%x: !llvm.ptr, %n: i64) -> !llvm.struct<(i64, i64, i64, i64)>
    attributes {tile.tensor_maps = [{box = array<i64: 128, 64>, buffer = 0 : i64, swizzle = 3 : i64, type = 6 : i64}]} {
  %0 = llvm.mlir.poison : !llvm.struct<(i64, i64, i64, i64)>
  llvm.return %0 : !llvm.struct<(i64, i64, i64, i64)>
}
