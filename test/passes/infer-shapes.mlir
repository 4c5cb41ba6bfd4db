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

// Sizes that the model computes in i64 are those of shape rules: n * 2 / 2 is n.
// CHECK-LABEL: func @computed
func.func @computed(%x: tensor<?x2x8xf32>) -> index {
  %c0 = arith.constant 0 : index
  %two = arith.constant 2 : i64
  %eight = arith.constant 8 : i64
  // CHECK: %[[N:.*]] = tensor.dim %arg0
  %dim = tensor.dim %x, %c0 : tensor<?x2x8xf32>
  %n = arith.index_cast %dim : index to i64
  %n2 = arith.muli %n, %two : i64
  %folded = tensor.from_elements %n2, %eight : tensor<2xi64>
  %y = nn.reshape %x, %folded : (tensor<?x2x8xf32>, tensor<2xi64>) -> tensor<?x8xf32>
  %m = arith.divsi %n2, %two : i64
  %unfolded = tensor.from_elements %m, %two, %eight : tensor<3xi64>
  %z = nn.reshape %y, %unfolded : (tensor<?x8xf32>, tensor<3xi64>) -> tensor<?x2x8xf32>
  // CHECK: return %[[N]]
  %d = tensor.dim %z, %c0 : tensor<?x2x8xf32>
  return %d : index
}

// A quotient of what may be negative is another one in i64: -3 / 2 is -1 there.
// CHECK-LABEL: func @truncated
func.func @truncated(%x: tensor<?xf32>, %by: tensor<1xi64>) -> index {
  %c0 = arith.constant 0 : index
  %two = arith.constant 2 : i64
  %k = tensor.extract %by[%c0] : tensor<1xi64>
  // CHECK: %[[Q:.*]] = arith.divsi
  %q = arith.divsi %k, %two : i64
  %shape = tensor.from_elements %q : tensor<1xi64>
  // CHECK: arith.index_cast %[[Q]] : i64 to index
  %y = nn.reshape %x, %shape : (tensor<?xf32>, tensor<1xi64>) -> tensor<?xf32>
  %d = tensor.dim %y, %c0 : tensor<?xf32>
  return %d : index
}

// What a cast forgets is known to the ops that read it.
// CHECK-LABEL: @reads_source
// CHECK: %[[M:.*]] = nn.relu
// CHECK: nn.mul %[[M]], %{{.*}} : (tensor<?x5xf32>, tensor<5xf32>) -> tensor<?x5xf32>
func.func @reads_source(%x: tensor<?x5xf32>, %y: tensor<5xf32>) -> tensor<?x5xf32> {
  %r = nn.relu %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %c = tensor.cast %r : tensor<?x5xf32> to tensor<?x?xf32>
  %m = nn.mul %c, %y : (tensor<?x?xf32>, tensor<5xf32>) -> tensor<?x5xf32>
  return %m : tensor<?x5xf32>
}
