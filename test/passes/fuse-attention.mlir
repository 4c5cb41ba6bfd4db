// RUN: tilewright-opt %s -fuse-attention -canonicalize | FileCheck %s

// CHECK-LABEL: @plain
// CHECK-SAME: nn.attention_sites = [{fused = true
// CHECK: nn.attention %arg0, %arg1, %arg2
// CHECK-SAME: dead_rows = "nan"
// CHECK-SAME: scale = 1.250000e-01
// CHECK-NOT: nn.softmax
func.func @plain(%q: tensor<2x3x5x64xf32>, %k: tensor<2x3x7x64xf32>, %v: tensor<2x3x7x64xf32>) -> tensor<2x3x5x64xf32> {
  %scale = nn.constant dense<8.0> : tensor<f32>
  %kt = nn.transpose %k {perm = array<i64: 0, 1, 3, 2>} : (tensor<2x3x7x64xf32>) -> tensor<2x3x64x7xf32>
  %s = nn.matmul %q, %kt : (tensor<2x3x5x64xf32>, tensor<2x3x64x7xf32>) -> tensor<2x3x5x7xf32>
  %t = nn.div %s, %scale : (tensor<2x3x5x7xf32>, tensor<f32>) -> tensor<2x3x5x7xf32>
  %p = nn.softmax %t : (tensor<2x3x5x7xf32>) -> tensor<2x3x5x7xf32>
  %y = nn.matmul %p, %v : (tensor<2x3x5x7xf32>, tensor<2x3x7x64xf32>) -> tensor<2x3x5x64xf32>
  return %y : tensor<2x3x5x64xf32>
}

// Heads second in memory are read so.
// CHECK-LABEL: @interleaved
// CHECK: nn.attention %arg0, %arg0, %arg0
// CHECK-SAME: interleaved = ["q", "k", "v", "y"]
func.func @interleaved(%x: tensor<2x5x3x64xf32>) -> tensor<2x5x3x64xf32> {
  %q = nn.transpose %x {perm = array<i64: 0, 2, 1, 3>} : (tensor<2x5x3x64xf32>) -> tensor<2x3x5x64xf32>
  %kt = nn.transpose %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<2x5x3x64xf32>) -> tensor<2x3x64x5xf32>
  %s = nn.matmul %q, %kt : (tensor<2x3x5x64xf32>, tensor<2x3x64x5xf32>) -> tensor<2x3x5x5xf32>
  %p = nn.softmax %s : (tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %y = nn.matmul %p, %q : (tensor<2x3x5x5xf32>, tensor<2x3x5x64xf32>) -> tensor<2x3x5x64xf32>
  %z = nn.transpose %y {perm = array<i64: 0, 2, 1, 3>} : (tensor<2x3x5x64xf32>) -> tensor<2x5x3x64xf32>
  return %z : tensor<2x5x3x64xf32>
}

// A finite mask and its guard.
// CHECK-LABEL: @masked
// CHECK-SAME: dead_rows = "zero"
// CHECK: nn.attention %arg0, %arg0, %arg0, %arg1
// CHECK-SAME: mask_value = -1.000000e+04
// CHECK-NOT: "nan"
func.func @masked(%q: tensor<2x3x5x64xf32>, %m: tensor<1x1x5x5xi1>) -> tensor<2x3x5x64xf32> {
  %low = nn.constant dense<-1.0e4> : tensor<f32>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %kt = nn.transpose %q {perm = array<i64: 0, 1, 3, 2>} : (tensor<2x3x5x64xf32>) -> tensor<2x3x64x5xf32>
  %s = nn.matmul %q, %kt : (tensor<2x3x5x64xf32>, tensor<2x3x64x5xf32>) -> tensor<2x3x5x5xf32>
  %t = nn.where %m, %s, %low : (tensor<1x1x5x5xi1>, tensor<2x3x5x5xf32>, tensor<f32>) -> tensor<2x3x5x5xf32>
  %p = nn.softmax %t : (tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %n = nn.is_nan %p : (tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xi1>
  %g = nn.where %n, %zero, %p : (tensor<2x3x5x5xi1>, tensor<f32>, tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %y = nn.matmul %g, %q : (tensor<2x3x5x5xf32>, tensor<2x3x5x64xf32>) -> tensor<2x3x5x64xf32>
  return %y : tensor<2x3x5x64xf32>
}

// A size that is read late is the one that was asked for before it.
// CHECK-LABEL: @late
// CHECK-SAME: fused = true
// CHECK: nn.attention
func.func @late(%x: tensor<?x3x?x64xf32>, %m: tensor<1x1x1x?xf32>) -> tensor<?x3x?x64xf32> {
  %q = nn.relu %x : (tensor<?x3x?x64xf32>) -> tensor<?x3x?x64xf32>
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1 : i64
  %batch = tensor.dim %x, %c0 : tensor<?x3x?x64xf32>
  %length = tensor.dim %x, %c2 : tensor<?x3x?x64xf32>
  %b = arith.index_cast %batch : index to i64
  %l = arith.index_cast %length : index to i64
  %shape = tensor.from_elements %b, %one, %l, %l : tensor<4xi64>
  %wide = nn.expand %m, %shape : (tensor<1x1x1x?xf32>, tensor<4xi64>) -> tensor<?x1x?x?xf32>
  %kt = nn.transpose %q {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x64xf32>) -> tensor<?x3x64x?xf32>
  %s = nn.matmul %q, %kt : (tensor<?x3x?x64xf32>, tensor<?x3x64x?xf32>) -> tensor<?x3x?x?xf32>
  %t = nn.add %s, %wide : (tensor<?x3x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x3x?x?xf32>
  %p = nn.softmax %t : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %y = nn.matmul %p, %q : (tensor<?x3x?x?xf32>, tensor<?x3x?x64xf32>) -> tensor<?x3x?x64xf32>
  return %y : tensor<?x3x?x64xf32>
}

// A batch that is not known to be the scores' may widen it.
// CHECK-LABEL: @other_batch
// CHECK-SAME: fused = false
// CHECK-SAME: reason = "the scores' shape changes"
func.func @other_batch(%x: tensor<?x3x?x64xf32>, %m: tensor<?x1x1x1xf32>) -> tensor<?x3x?x64xf32> {
  %kt = nn.transpose %x {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x64xf32>) -> tensor<?x3x64x?xf32>
  %s = nn.matmul %x, %kt : (tensor<?x3x?x64xf32>, tensor<?x3x64x?xf32>) -> tensor<?x3x?x?xf32>
  %t = nn.add %s, %m : (tensor<?x3x?x?xf32>, tensor<?x1x1x1xf32>) -> tensor<?x3x?x?xf32>
  %p = nn.softmax %t : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %y = nn.matmul %p, %x : (tensor<?x3x?x?xf32>, tensor<?x3x?x64xf32>) -> tensor<?x3x?x64xf32>
  return %y : tensor<?x3x?x64xf32>
}

// Rows cut out of a table of 64: as many as queries, or the model is wrong...
// CHECK-LABEL: @table
// CHECK-SAME: fused = true
func.func @table(%x: tensor<2x3x?x64xf32>, %m: tensor<64x1xf32>) -> tensor<2x3x?x64xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<1xi64>
  %length = tensor.dim %x, %c2 : tensor<2x3x?x64xf32>
  %l = arith.index_cast %length : index to i64
  %end = tensor.from_elements %l : tensor<1xi64>
  %rows = nn.slice %m, %zero, %end {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>} : (tensor<64x1xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xf32>
  %kt = nn.transpose %x {perm = array<i64: 0, 1, 3, 2>} : (tensor<2x3x?x64xf32>) -> tensor<2x3x64x?xf32>
  %s = nn.matmul %x, %kt : (tensor<2x3x?x64xf32>, tensor<2x3x64x?xf32>) -> tensor<2x3x?x?xf32>
  %t = nn.add %s, %rows : (tensor<2x3x?x?xf32>, tensor<?x1xf32>) -> tensor<2x3x?x?xf32>
  %p = nn.softmax %t : (tensor<2x3x?x?xf32>) -> tensor<2x3x?x?xf32>
  %y = nn.matmul %p, %x : (tensor<2x3x?x?xf32>, tensor<2x3x?x64xf32>) -> tensor<2x3x?x64xf32>
  return %y : tensor<2x3x?x64xf32>
}

// ...but one row less of two is a row for all.
// CHECK-LABEL: @shorter_table
// CHECK-SAME: fused = false
// CHECK-SAME: reason = "the scores' shape changes"
func.func @shorter_table(%x: tensor<2x3x?x64xf32>, %m: tensor<64x1xf32>) -> tensor<2x3x?x64xf32> {
  %c2 = arith.constant 2 : index
  %one = arith.constant 1 : i64
  %zero = nn.constant dense<0> : tensor<1xi64>
  %length = tensor.dim %x, %c2 : tensor<2x3x?x64xf32>
  %l = arith.index_cast %length : index to i64
  %less = arith.subi %l, %one : i64
  %end = tensor.from_elements %less : tensor<1xi64>
  %rows = nn.slice %m, %zero, %end {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>} : (tensor<64x1xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xf32>
  %kt = nn.transpose %x {perm = array<i64: 0, 1, 3, 2>} : (tensor<2x3x?x64xf32>) -> tensor<2x3x64x?xf32>
  %s = nn.matmul %x, %kt : (tensor<2x3x?x64xf32>, tensor<2x3x64x?xf32>) -> tensor<2x3x?x?xf32>
  %t = nn.add %s, %rows : (tensor<2x3x?x?xf32>, tensor<?x1xf32>) -> tensor<2x3x?x?xf32>
  %p = nn.softmax %t : (tensor<2x3x?x?xf32>) -> tensor<2x3x?x?xf32>
  %y = nn.matmul %p, %x : (tensor<2x3x?x?xf32>, tensor<2x3x?x64xf32>) -> tensor<2x3x?x64xf32>
  return %y : tensor<2x3x?x64xf32>
}

// What does not fit stays, and why is said.
// CHECK-LABEL: @over_queries
// CHECK-SAME: fused = false
// CHECK-SAME: reason = "the softmax runs over dim 2, not over the last one, the keys"
// CHECK: nn.softmax
// CHECK-NOT: nn.attention{{ }}
func.func @over_queries(%q: tensor<2x3x5x64xf32>) -> tensor<2x3x5x64xf32> {
  %kt = nn.transpose %q {perm = array<i64: 0, 1, 3, 2>} : (tensor<2x3x5x64xf32>) -> tensor<2x3x64x5xf32>
  %s = nn.matmul %q, %kt : (tensor<2x3x5x64xf32>, tensor<2x3x64x5xf32>) -> tensor<2x3x5x5xf32>
  %p = nn.softmax %s {axis = 2 : i64} : (tensor<2x3x5x5xf32>) -> tensor<2x3x5x5xf32>
  %y = nn.matmul %p, %q : (tensor<2x3x5x5xf32>, tensor<2x3x5x64xf32>) -> tensor<2x3x5x64xf32>
  return %y : tensor<2x3x5x64xf32>
}
