// RUN: tilewright-opt %s --decompose-ops --canonicalize | FileCheck %s

// CHECK-LABEL: @elementwise
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>, %[[N:.*]]: index
func.func @elementwise(%x: tensor<?x4xf32>, %n: index) -> tensor<?x4xf32>
    attributes {tile.kernel, tile.dims = [array<i64: 0, -1>, array<i64>]} {
  // CHECK: %[[INIT:.*]] = tensor.empty(%[[N]]) : tensor<?x4xf32>
  // CHECK: linalg.generic {{.*}} ins(%[[X]] : tensor<?x4xf32>) outs(%[[INIT]]
  // CHECK: math.exp
  %0 = nn.exp %x {tile.dims = [array<i64: 0, -1>]} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// Arguments and results are signless in memory; the body still divides unsigned numbers.
// CHECK-LABEL: @unsigned
// CHECK-SAME: (%{{.*}}: tensor<4xi8>, %{{.*}}: tensor<4xi8>) -> tensor<4xi8>
func.func @unsigned(%x: tensor<4xui8>, %y: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK-NOT: tensor.bitcast
  // CHECK: arith.divui
  %0 = nn.div %x, %y : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// CHECK-LABEL: @constant
func.func @constant() -> tensor<2xui8> {
  // CHECK: arith.constant dense<[-1, 1]> : tensor<2xi8>
  %0 = nn.constant dense<[255, 1]> : tensor<2xui8>
  return %0 : tensor<2xui8>
}
