// RUN: tilewright-opt %s -canonicalize-attention | FileCheck %s

// CHECK-LABEL: @einsum
// CHECK: %[[K:.*]] = nn.transpose %arg1 {perm = array<i64: 0, 1, 3, 2>}
// CHECK: nn.matmul %arg0, %[[K]]
func.func @einsum(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x7x8xf32>) -> tensor<2x3x5x7xf32> {
  %s = nn.einsum %q, %k {equation = "bhqd, bhkd -> bhqk"} : (tensor<2x3x5x8xf32>, tensor<2x3x7x8xf32>) -> tensor<2x3x5x7xf32>
  return %s : tensor<2x3x5x7xf32>
}

// The side that comes first in the result gives the rows.
// CHECK-LABEL: @swapped
// CHECK: nn.transpose %arg1 {perm = array<i64: 0, 2, 1, 3>}
// CHECK: nn.transpose %arg0 {perm = array<i64: 0, 2, 3, 1>}
// CHECK: nn.matmul
func.func @swapped(%k: tensor<2x7x3x8xf32>, %q: tensor<2x5x3x8xf32>) -> tensor<2x3x5x7xf32> {
  %s = nn.einsum %k, %q {equation = "aecd,abcd->acbe"} : (tensor<2x7x3x8xf32>, tensor<2x5x3x8xf32>) -> tensor<2x3x5x7xf32>
  return %s : tensor<2x3x5x7xf32>
}

// A sum over two letters is no matrix product.
// CHECK-LABEL: @two_sums
// CHECK: nn.einsum
func.func @two_sums(%q: tensor<2x3x8xf32>, %k: tensor<2x3x8xf32>) -> tensor<2x2xf32> {
  %s = nn.einsum %q, %k {equation = "ixy,jxy->ij"} : (tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x2xf32>
  return %s : tensor<2x2xf32>
}

// CHECK-LABEL: @keys
// CHECK: nn.transpose %arg0 {perm = array<i64: 0, 1, 3, 2>}
// CHECK-NOT: nn.reshape
func.func @keys(%k: tensor<2x3x?x8xf32>) -> tensor<2x3x8x?xf32> {
  %flat = nn.constant dense<[6, -1, 8]> : tensor<3xi64>
  %four = nn.constant dense<[2, 3, 8, -1]> : tensor<4xi64>
  %a = nn.reshape %k, %flat : (tensor<2x3x?x8xf32>, tensor<3xi64>) -> tensor<6x?x8xf32>
  %b = nn.transpose %a {perm = array<i64: 0, 2, 1>} : (tensor<6x?x8xf32>) -> tensor<6x8x?xf32>
  %c = nn.reshape %b, %four : (tensor<6x8x?xf32>, tensor<4xi64>) -> tensor<2x3x8x?xf32>
  return %c : tensor<2x3x8x?xf32>
}
