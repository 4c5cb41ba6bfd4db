// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s --check-prefix=ROUND
// RUN: tilewright-opt %s --infer-shapes | FileCheck %s

// ROUND-LABEL: func @known
// CHECK-LABEL: func @known
func.func @known(%x: tensor<2x3xf32>) -> tensor<*xi64> {
  // ROUND: nn.size %{{.*}} : (tensor<2x3xf32>) -> tensor<*xi64>
  // CHECK: nn.constant dense<6> : tensor<i64>
  %n = nn.size %x : (tensor<2x3xf32>) -> tensor<*xi64>
  return %n : tensor<*xi64>
}

// CHECK-LABEL: func @dynamic
func.func @dynamic(%x: tensor<2x?xf32>) -> tensor<*xi64> {
  // CHECK: %[[N:.*]] = arith.muli
  // CHECK: %[[I:.*]] = arith.index_cast %[[N]] : index to i64
  // CHECK: tensor.from_elements %[[I]] : tensor<i64>
  %n = nn.size %x : (tensor<2x?xf32>) -> tensor<*xi64>
  return %n : tensor<*xi64>
}
