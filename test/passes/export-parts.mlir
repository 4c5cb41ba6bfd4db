// RUN: tilewright-opt %s --export-parts | FileCheck %s

// CHECK: llvm.func @k_p0(%{{.*}}: !llvm.ptr) attributes {nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>}
llvm.func @k_p0(%x: !llvm.ptr) attributes {tile.team = "grid", tile.threads = 256 : i64} {
  llvm.return
}

// A tensor map is a parameter of 128 bytes; registers that change hands need a block that has all of a core's.
// CHECK: llvm.func @k_p1(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<16 x i64>, nvvm.grid_constant})
// CHECK-SAME: nvvm.kernel, nvvm.minctasm = 1 : i32, nvvm.reqntid = array<i32: 384, 1, 1>
llvm.func @k_p1(%x: !llvm.ptr, %map: !llvm.ptr {tile.tensor_map}) attributes {tile.team = "blocks", tile.threads = 384 : i64} {
  nvvm.setmaxregister decrease 40
  llvm.return
}
