// RUN: tilewright-opt --lower-host-program %s | FileCheck %s

// What was planned is noted: one tensor of 16 bytes.
// CHECK: rt.memory = {arena = 64 : i64, buffers = 1 : i64, separate = 16 : i64}

// The first result lies in the arena, the returned one is written to its output at once.
// CHECK-LABEL: func.func @tw_main
// CHECK: %[[ARENA:.*]] = llvm.call @tw_rt_arena
// CHECK: llvm.call @k_grid
// CHECK: llvm.call @tw_rt_launch
// CHECK: llvm.call @tw_rt_output
// CHECK: llvm.call @l_grid
// CHECK: llvm.call @tw_rt_launch
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = rt.launch @k(%x) scalars() dims() -> () : (tensor<4xf32>) -> tensor<4xf32>
  %z = rt.launch @l(%y) scalars() dims() -> () : (tensor<4xf32>) -> tensor<4xf32>
  return %z : tensor<4xf32>
}
