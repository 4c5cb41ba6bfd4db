// RUN: tilewright-opt %s --pack-weights=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: tilewright-opt %s --pack-weights=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: tilewright-opt %s "--pack-weights=cpu=x86-64-v3 panel-columns=64" | FileCheck %s --check-prefix=PANELS
// RUN: tilewright-opt %s "--pack-weights=cpu=x86-64-v3 gpu" | FileCheck %s --check-prefix=GPU
// RUN: not tilewright-opt %s --pack-weights=cpu=zen 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: --cpu: expected one of native, x86-64-v2, x86-64-v3, x86-64-v4, found 'zen'

// CHECK-LABEL: @weights
func.func @weights(%a: tensor<?x64xf32>, %x: tensor<64x64xf32>) {
  // CHECK: %[[W:.*]] = nn.weight 0
  %w = nn.weight 0 : tensor<64x192xf32>
  // V4: %[[P:.*]] = nn.pack_matmul %[[W]] {width = 64 : i64} : (tensor<64x192xf32>) -> tensor<3x64x64xf32>
  // V3: %[[P:.*]] = nn.pack_matmul %[[W]] {width = 24 : i64} : (tensor<64x192xf32>) -> tensor<8x64x24xf32>
  // PANELS: nn.pack_matmul %{{.*}} {width = 64 : i64} : (tensor<64x192xf32>) -> tensor<3x64x64xf32>
  // CHECK: nn.matmul_packed %{{.*}}, %[[P]] {columns = 192 : i64, width = {{[0-9]+}} : i64}
  %0 = nn.matmul %a, %w : (tensor<?x64xf32>, tensor<64x192xf32>) -> tensor<?x192xf32>
  // Not a weight: left alone.
  // CHECK: nn.matmul %{{.*}}, %{{.*}} :
  %1 = nn.matmul %a, %x : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  return
}

// CHECK-LABEL: @gemm
func.func @gemm(%a: tensor<?x64xf32>, %c: tensor<192xf32>) {
  %w = nn.weight 0 : tensor<192x64xf32>
  // CHECK: %[[P:.*]] = nn.pack_matmul %{{.*}} {transposed, width
  // CHECK: %[[M:.*]] = nn.matmul_packed %{{.*}}, %[[P]] {columns = 192 : i64, width = {{[0-9]+}} : i64}
  // CHECK: %[[S:.*]] = nn.mul %[[M]], %
  // CHECK: nn.add %[[S]], %
  %0 = nn.gemm %a, %w, %c {transB = 1 : i64, alpha = 0.5 : f32} : (tensor<?x64xf32>, tensor<192x64xf32>, tensor<192xf32>) -> tensor<?x192xf32>
  return
}

// Bytes are multiplied as they are; zero points are sums of rows and columns.
// CHECK-LABEL: @bytes
func.func @bytes(%a: tensor<?x64xui8>, %b: tensor<64x32xi8>, %x: tensor<ui8>, %y: tensor<i8>) -> tensor<?x32xf32> {
  // CHECK: %[[T:.*]] = nn.transpose %arg1 {perm = array<i64: 1, 0>}
  // CHECK: %[[P:.*]] = nn.matmul_integer %arg0, %[[T]] {{{.*}}to = i32, transposed} : {{.*}} -> tensor<?x32xi32>
  // CHECK: %[[ROWS:.*]] = nn.reduce_sum {{.*}} -> tensor<?x1xi32>
  // CHECK: %[[Q:.*]] = nn.mul %[[ROWS]], %
  // CHECK: %[[S:.*]] = nn.sub %[[P]], %[[Q]]
  // CHECK: %[[COLUMNS:.*]] = nn.reduce_sum {{.*}} -> tensor<1x32xi32>
  // CHECK: %[[R:.*]] = nn.mul %{{.*}}, %[[COLUMNS]]
  // CHECK: %[[D:.*]] = nn.sub %[[S]], %[[R]]
  // CHECK: nn.cast %[[D]] {to = f32}
  %0 = nn.matmul_integer %a, %b, %x, %y {operandSegmentSizes = array<i32: 1, 1, 1, 1>, to = f32}
    : (tensor<?x64xui8>, tensor<64x32xi8>, tensor<ui8>, tensor<i8>) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// On GPUs a pixel's channels fill chunks of 16 bytes.
// CHECK-LABEL: @few_channels
// CHECK: nn.pack_conv {{.*}} : (tensor<64x3x7x7xf32>)
// GPU-LABEL: @few_channels
// GPU: %[[X:.*]] = nn.pad %arg0, {{.*}} -> tensor<1x?x?x4xf32>
// GPU: %[[W:.*]] = nn.pad {{.*}} -> tensor<64x4x7x7xf32>
// GPU: %[[P:.*]] = nn.pack_conv %[[W]]
// GPU: nn.conv_packed %[[X]], %[[P]]
func.func @few_channels(%x: tensor<1x?x?x3xf32>) -> tensor<1x?x?x64xf32> {
  %w = nn.weight 0 : tensor<64x3x7x7xf32>
  %0 = nn.conv_nhwc %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 3, 3, 3, 3>, strides = array<i64: 2, 2>}
    : (tensor<1x?x?x3xf32>, tensor<64x3x7x7xf32>) -> tensor<1x?x?x64xf32>
  return %0 : tensor<1x?x?x64xf32>
}
