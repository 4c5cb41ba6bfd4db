// RUN: tilewright-opt %s --infer-shapes | FileCheck %s

// Types come from the shape rules; a dim that flows through is not computed again.
// CHECK-LABEL: func @types
// CHECK-SAME: -> tensor<?x3x5xf32>
func.func @types(%x: tensor<?x3x5xf32>) -> tensor<?x?x?xf32> {
  // CHECK: nn.relu %{{.*}} : (tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
  %y = nn.relu %x : (tensor<?x3x5xf32>) -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

// Small integer tensors that are computed from shapes become scalars on the host: slices, concatenations and arithmetic.
// CHECK-LABEL: func @scalars
func.func @scalars(%x: tensor<?x8xf32>) -> tensor<?xi64> {
  %zero = nn.constant dense<0> : tensor<1xi64>
  %one = nn.constant dense<1> : tensor<1xi64>
  %two = nn.constant dense<2> : tensor<1xi64>
  %s = nn.shape %x : (tensor<?x8xf32>) -> tensor<?xi64>
  %first = nn.slice %s, %zero, %one {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>} : (tensor<?xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xi64>
  %last = nn.slice %s, %one, %two {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>} : (tensor<?xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xi64>
  // CHECK: %[[DIM:.*]] = tensor.dim
  // CHECK: %[[N:.*]] = arith.index_cast %[[DIM]] : index to i64
  // CHECK: %[[TWICE:.*]] = arith.muli %[[N]]
  %twice = nn.mul %first, %two : (tensor<?xi64>, tensor<1xi64>) -> tensor<?xi64>
  // CHECK: %[[R:.*]] = tensor.from_elements %[[TWICE]], %{{.*}} : tensor<2xi64>
  %r = nn.concat %twice, %last {axis = 0 : i64} : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
  // CHECK: return %[[R]]
  return %r : tensor<?xi64>
}

// An op with several results becomes several lists of scalars.
// CHECK-LABEL: func @several
func.func @several() -> (tensor<*xi64>, tensor<*xi64>) {
  %x = nn.constant dense<[4, 5, 6]> : tensor<3xi64>
  // CHECK: nn.constant dense<[4, 5]> : tensor<2xi64>
  // CHECK: nn.constant dense<6> : tensor<1xi64>
  %a, %b = nn.split %x : (tensor<3xi64>) -> (tensor<*xi64>, tensor<*xi64>)
  return %a, %b : tensor<*xi64>, tensor<*xi64>
}
