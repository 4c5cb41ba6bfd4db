// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s --check-prefix=ROUND
// RUN: tilewright-opt %s --infer-shapes | FileCheck %s

// ROUND-LABEL: func @same
// CHECK-LABEL: func @same
func.func @same(%x: tensor<2x?xui8>) -> tensor<*xui8> {
  // ROUND: nn.identity %{{.*}} : (tensor<2x?xui8>) -> tensor<*xui8>
  // CHECK: nn.identity %{{.*}} : (tensor<2x?xui8>) -> tensor<2x?xui8>
  %y = nn.identity %x : (tensor<2x?xui8>) -> tensor<*xui8>
  return %y : tensor<*xui8>
}
