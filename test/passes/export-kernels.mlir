// RUN: tilewright-opt %s --export-kernels | FileCheck %s

// CHECK: llvm.func internal @k_body(
llvm.func @k(%x: !llvm.ptr, %y: !llvm.ptr, %scale: f32, %n: i64, %begin: i64, %end: i64, %w: !llvm.ptr) attributes {tile.kernel} {
  llvm.return
}
// CHECK: llvm.func internal @k_grid_body(
llvm.func @k_grid(%scale: f32, %n: i64) -> !llvm.struct<(i64, i64, i64)> attributes {tile.grid} {
  %0 = llvm.mlir.poison : !llvm.struct<(i64, i64, i64)>
  llvm.return %0 : !llvm.struct<(i64, i64, i64)>
}

// void k(const tw_args *, int64_t begin, int64_t end, void *workspace)
// CHECK: llvm.func @k(%[[ARGS:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64, %[[W:.*]]: !llvm.ptr)
// CHECK: llvm.load %[[ARGS]] : !llvm.ptr -> !llvm.struct<(ptr, ptr)>
// CHECK: llvm.trunc %{{.*}} : i64 to i32
// CHECK: llvm.bitcast %{{.*}} : i32 to f32
// CHECK: llvm.call @k_body({{.*}}, %[[BEGIN]], %[[END]], %[[W]])

// void k_grid(const tw_args *, int64_t *out)
// CHECK: llvm.func @k_grid(%{{.*}}: !llvm.ptr, %[[OUT:.*]]: !llvm.ptr)
// CHECK: llvm.call @k_grid_body(
// CHECK-COUNT-3: llvm.store
