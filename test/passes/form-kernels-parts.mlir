// RUN: tilewright-opt --form-kernels %s --split-input-file | FileCheck %s

// Rotary positions: the transpose that all of it reads, slices, their concat and what follows are one kernel.
// CHECK-LABEL: func.func @main
// CHECK: %[[R:.*]] = rt.launch
// CHECK-NOT: rt.launch
// CHECK: return %[[R]]
// CHECK: nn.transpose
// CHECK: nn.slice
// CHECK: nn.slice
// CHECK: nn.neg
// CHECK: nn.concat
// CHECK: nn.add
func.func @main(%x: tensor<2x6x4x8xf32> {nn.dims = ["2", "6", "4", "8"]}, %cos: tensor<2x1x6x8xf32> {nn.dims = ["2", "1", "6", "8"]}, %sin: tensor<2x1x6x8xf32> {nn.dims = ["2", "1", "6", "8"]}) -> tensor<2x4x6x8xf32> {
  %0 = nn.constant dense<0> : tensor<1xi64>
  %4 = nn.constant dense<4> : tensor<1xi64>
  %8 = nn.constant dense<8> : tensor<1xi64>
  %3 = nn.constant dense<3> : tensor<1xi64>
  %t = nn.transpose %x {perm = array<i64: 0, 2, 1, 3>} : (tensor<2x6x4x8xf32>) -> tensor<2x4x6x8xf32>
  %low = nn.slice %t, %0, %4, %3 {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>} : (tensor<2x4x6x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x4x6x4xf32>
  %high = nn.slice %t, %4, %8, %3 {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>} : (tensor<2x4x6x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x4x6x4xf32>
  %neg = nn.neg %high : (tensor<2x4x6x4xf32>) -> tensor<2x4x6x4xf32>
  %turned = nn.concat %neg, %low {axis = -1 : i64} : (tensor<2x4x6x4xf32>, tensor<2x4x6x4xf32>) -> tensor<2x4x6x8xf32>
  %a = nn.mul %t, %cos : (tensor<2x4x6x8xf32>, tensor<2x1x6x8xf32>) -> tensor<2x4x6x8xf32>
  %b = nn.mul %turned, %sin : (tensor<2x4x6x8xf32>, tensor<2x1x6x8xf32>) -> tensor<2x4x6x8xf32>
  %r = nn.add %a, %b : (tensor<2x4x6x8xf32>, tensor<2x4x6x8xf32>) -> tensor<2x4x6x8xf32>
  return %r : tensor<2x4x6x8xf32>
}

// -----

// What someone else needs too is in memory, and what is made of it there begins a kernel.
// CHECK-LABEL: func.func @main
// CHECK-COUNT-2: rt.launch @{{transpose|concat}}
// CHECK-NOT: rt.launch
// CHECK: return
func.func @main(%x: tensor<6x8xf32> {nn.dims = ["6", "8"]}) -> (tensor<8x6xf32>, tensor<16x6xf32>) {
  %t = nn.transpose %x {perm = array<i64: 1, 0>} : (tensor<6x8xf32>) -> tensor<8x6xf32>
  %n = nn.neg %t : (tensor<8x6xf32>) -> tensor<8x6xf32>
  %c = nn.concat %n, %t {axis = 0 : i64} : (tensor<8x6xf32>, tensor<8x6xf32>) -> tensor<16x6xf32>
  return %t, %c : tensor<8x6xf32>, tensor<16x6xf32>
}

// -----

// A product is not computed in parts, and a sum over parts needs them side by side.
// CHECK-LABEL: func.func @main
// CHECK: rt.launch @matmul
// CHECK: rt.launch @concat
// CHECK: rt.launch @reduce_sum
// CHECK: return
func.func @main(%x: tensor<6x8xf32> {nn.dims = ["6", "8"]}, %w: tensor<8x8xf32> {nn.dims = ["8", "8"]}) -> tensor<6x1xf32> {
  %1 = nn.constant dense<1> : tensor<1xi64>
  %p = nn.matmul %x, %w : (tensor<6x8xf32>, tensor<8x8xf32>) -> tensor<6x8xf32>
  %c = nn.concat %p, %x {axis = 1 : i64} : (tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<6x16xf32>
  %s = nn.reduce_sum %c, %1 : (tensor<6x16xf32>, tensor<1xi64>) -> tensor<6x1xf32>
  return %s : tensor<6x1xf32>
}

// -----

// A sum that someone else needs does not keep the product of the other side out.
// CHECK-LABEL: func.func @main
// CHECK: rt.launch @exp
// CHECK: rt.launch @add
// CHECK-NOT: rt.launch
// CHECK: return
func.func @main(%x: tensor<6x8xf32> {nn.dims = ["6", "8"]}, %w: tensor<8x8xf32> {nn.dims = ["8", "8"]}) -> (tensor<6x8xf32>, tensor<6x8xf32>) {
  %a = nn.matmul %x, %w : (tensor<6x8xf32>, tensor<8x8xf32>) -> tensor<6x8xf32>
  %r = nn.exp %a : (tensor<6x8xf32>) -> tensor<6x8xf32>
  %p = nn.matmul %r, %w : (tensor<6x8xf32>, tensor<8x8xf32>) -> tensor<6x8xf32>
  %y = nn.add %r, %p : (tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<6x8xf32>
  return %r, %y : tensor<6x8xf32>, tensor<6x8xf32>
}
