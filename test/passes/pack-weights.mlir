// RUN: tilewright-opt %s --pack-weights=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: tilewright-opt %s --pack-weights=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: tilewright-opt %s "--pack-weights=cpu=x86-64-v3 panel-columns=64" | FileCheck %s --check-prefix=PANELS
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
