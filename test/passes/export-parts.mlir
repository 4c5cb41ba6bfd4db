// RUN: tilewright-opt %s --export-parts | FileCheck %s

// CHECK: llvm.func @k_p0(%{{.*}}: !llvm.ptr) attributes {nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>}
llvm.func @k_p0(%x: !llvm.ptr) attributes {tile.team = "grid", tile.threads = 256 : i64} {
  llvm.return
}
