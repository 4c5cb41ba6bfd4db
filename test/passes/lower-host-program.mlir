// RUN: tilewright-opt --lower-host-program --split-input-file %s | FileCheck %s

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

// -----

// A choice between tensors is one between pointers. What was chosen is read after the launch of @l, so that y still lies there:
// three buffers side by side.
// CHECK: rt.memory = {arena = 192 : i64, buffers = 3 : i64, separate = 48 : i64}
// CHECK: llvm.call @k_grid
// CHECK: %[[CHOSEN:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : !llvm.ptr
// CHECK: llvm.call @l_grid
// CHECK: llvm.store %[[CHOSEN]]
// CHECK: llvm.call @m_grid
func.func @main(%x: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %y = rt.launch @k(%x) scalars() dims() -> () : (tensor<4xf32>) -> tensor<4xf32>
  %p = tensor.extract %c[] : tensor<i1>
  %chosen = arith.select %p, %y, %x : tensor<4xf32>
  %z = rt.launch @l(%x) scalars() dims() -> () : (tensor<4xf32>) -> tensor<4xf32>
  %r = rt.launch @m(%chosen, %z) scalars() dims() -> () : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %s = rt.launch @k(%r) scalars() dims() -> () : (tensor<4xf32>) -> tensor<4xf32>
  return %s : tensor<4xf32>
}
