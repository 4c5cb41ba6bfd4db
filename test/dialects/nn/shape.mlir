// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s --check-prefix=ROUND
// RUN: tilewright-opt %s --infer-shapes | FileCheck %s

// ROUND-LABEL: func @dims
// CHECK-LABEL: func @dims
func.func @dims(%x: tensor<2x?x4xf32>) -> tensor<*xi64> {
  // ROUND: nn.shape %{{.*}} {end = -1 : i64, start = -9 : i64} : (tensor<2x?x4xf32>) -> tensor<*xi64>
  // CHECK: %[[DIM:.*]] = tensor.dim
  // CHECK: %[[I:.*]] = arith.index_cast %[[DIM]] : index to i64
  // CHECK: tensor.from_elements %{{.*}}, %[[I]] : tensor<2xi64>
  %s = nn.shape %x {start = -9 : i64, end = -1 : i64} : (tensor<2x?x4xf32>) -> tensor<*xi64>
  return %s : tensor<*xi64>
}

// CHECK-LABEL: func @constant
func.func @constant(%x: tensor<2x3x4xf32>) -> tensor<*xi64> {
  // CHECK: nn.constant dense<[2, 3, 4]> : tensor<3xi64>
  %s = nn.shape %x : (tensor<2x3x4xf32>) -> tensor<*xi64>
  return %s : tensor<*xi64>
}

// CHECK-LABEL: func @none
func.func @none(%x: tensor<2x3xf32>) -> tensor<*xi64> {
  // CHECK: nn.constant dense<> : tensor<0xi64>
  %s = nn.shape %x {start = 1 : i64, end = 0 : i64} : (tensor<2x3xf32>) -> tensor<*xi64>
  return %s : tensor<*xi64>
}

// A small computation on dims stays on the host.
// CHECK-LABEL: func @arithmetic
func.func @arithmetic(%x: tensor<?x8xf32>) -> tensor<*xf32> {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %rest = nn.constant dense<-1> : tensor<1xi64>
  %s = nn.shape %x : (tensor<?x8xf32>) -> tensor<*xi64>
  %batch = nn.gather %s, %zero : (tensor<*xi64>, tensor<1xi64>) -> tensor<*xi64>
  %new = nn.concat %batch, %rest {axis = 0 : i64} : (tensor<*xi64>, tensor<1xi64>) -> tensor<*xi64>
  // CHECK-NOT: nn.gather
  // CHECK-NOT: nn.concat
  // CHECK: nn.reshape %{{.*}} : (tensor<?x8xf32>, tensor<2xi64>) -> tensor<?x8xf32>
  %y = nn.reshape %x, %new : (tensor<?x8xf32>, tensor<*xi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
