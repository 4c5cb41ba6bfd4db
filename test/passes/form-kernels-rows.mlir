// RUN: tilewright-opt --form-kernels=row-elements=-1 %s | FileCheck %s
// RUN: tilewright-opt --form-kernels=row-elements=64 %s | FileCheck %s
// RUN: tilewright-opt --form-kernels=row-elements=63 %s | FileCheck %s --check-prefix=APART
// RUN: tilewright-opt --form-kernels %s | FileCheck %s --check-prefix=APART

// The root of the mean of squares goes with the division of the same rows.
// CHECK-LABEL: func.func @main
// CHECK: rt.launch
// CHECK: rt.launch
// CHECK: rt.launch
// CHECK-NOT: rt.launch
// APART-LABEL: func.func @main
// APART-COUNT-4: rt.launch
// CHECK: nn.reduce_mean
// CHECK: nn.sqrt
// CHECK: nn.div
func.func @main(%x: tensor<4x64xf32> {nn.dims = ["4", "64"]}, %y: tensor<64x64xf32> {nn.dims = ["64", "64"]}) -> (tensor<4x64xf32>, tensor<64x64xf32>) {
  %last = nn.constant dense<1> : tensor<1xi64>
  %s = nn.mul %x, %x : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
  %m = nn.reduce_mean %s, %last : (tensor<4x64xf32>, tensor<1xi64>) -> tensor<4x1xf32>
  %r = nn.sqrt %m : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %q = nn.div %x, %r : (tensor<4x64xf32>, tensor<4x1xf32>) -> tensor<4x64xf32>
  // Not rows: the outer dim is reduced.
  %first = nn.constant dense<0> : tensor<1xi64>
  %n = nn.reduce_mean %y, %first : (tensor<64x64xf32>, tensor<1xi64>) -> tensor<1x64xf32>
  %z = nn.div %y, %n : (tensor<64x64xf32>, tensor<1x64xf32>) -> tensor<64x64xf32>
  return %q, %z : tensor<4x64xf32>, tensor<64x64xf32>
}
