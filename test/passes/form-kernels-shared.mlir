// RUN: tilewright-opt --split-input-file --form-kernels %s | FileCheck %s

// What several ops of a kernel read, and nobody else, is computed in it: here a product that is read thrice.
// CHECK-LABEL: func.func @main
// CHECK: rt.launch
// CHECK-NOT: rt.launch
// CHECK: return
func.func @main(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>, %half: tensor<f32>) -> tensor<4x16xf32> {
  %p = nn.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %a = nn.mul %p, %half : (tensor<4x16xf32>, tensor<f32>) -> tensor<4x16xf32>
  %b = nn.mul %p, %p : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  %c = nn.add %p, %b : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  %d = nn.tanh %c : (tensor<4x16xf32>) -> tensor<4x16xf32>
  %e = nn.mul %a, %d : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return %e : tensor<4x16xf32>
}

// -----

// Not where it is a result as well.
// CHECK-LABEL: func.func @main
// CHECK-COUNT-2: rt.launch
// CHECK-NOT: rt.launch
// CHECK: return
func.func @main(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>, %half: tensor<f32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %p = nn.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %a = nn.mul %p, %half : (tensor<4x16xf32>, tensor<f32>) -> tensor<4x16xf32>
  %b = nn.mul %p, %p : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  %c = nn.add %a, %b : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return %p, %c : tensor<4x16xf32>, tensor<4x16xf32>
}
