// RUN: tilewright-opt --lower-host-program='device entry=tw_main_device' %s | FileCheck %s

// Kernels have numbers, in the order of their first launches. The program reads and writes no memory of tensors itself.
// CHECK: module attributes {rt.device_kernels = ["k", "l"]
// CHECK-LABEL: func.func @tw_main_device
// CHECK: llvm.call @tw_rt_launch_device(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, i32, !llvm.ptr, i32) -> ()
// CHECK-NOT: @k_grid
// CHECK: llvm.call @tw_rt_launch_device
// CHECK: llvm.call @tw_rt_read(%{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr
// CHECK: llvm.call @tw_rt_write
// CHECK: llvm.call @tw_rt_copy
// CHECK-NOT: llvm.intr.memcpy
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<1xi64>) {
  %zero = arith.constant 0 : index
  %c = nn.constant {offset = 64 : i64} dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %y = rt.launch @k(%x, %c) scalars() dims() -> () : (tensor<4xf32>, tensor<4xf32>) -> tensor<1xi64>
  %z = rt.launch @l(%x) scalars() dims() -> () : (tensor<4xf32>) -> tensor<4xf32>
  %n = tensor.extract %y[%zero] : tensor<1xi64>
  %m = tensor.from_elements %n : tensor<1xi64>
  return %z, %m : tensor<4xf32>, tensor<1xi64>
}
