// RUN: tilewright-opt --ptx-kernel-pipeline %s | FileCheck %s

// Two modules in one: the device's entries, the host's grid.
// CHECK: module @host
// CHECK: llvm.func @k_grid(
// CHECK: llvm.func @k_p0(
// CHECK-SAME: nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>
func.func @k(%x: tensor<4xf32>) -> tensor<4xf32> attributes {tile.kernel, tile.dims = [array<i64: -1>]} {
  %y = nn.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
