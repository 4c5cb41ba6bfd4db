// RUN: tilewright-opt --find-causality --canonicalize --cse %s | FileCheck %s

// Keys' positions against queries': attention(mask = range(n) <= range(n)^T).
// CHECK-LABEL: func @booleans
func.func @booleans(%x: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %count = tensor.from_elements %n : tensor<i64>
  %keys = nn.range %zero, %count, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %keys, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %mask = nn.less_or_equal %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  // CHECK-NOT: nn.range
  // CHECK: nn.attention %arg0, %arg0, %arg0 {causal = "top_left"
  %y = nn.attention %x, %x, %x, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// After `p` keys that are past, with a mask of padding beside it, which remains.
// CHECK-LABEL: func @past
func.func @past(%x: tensor<1x2x?x8xf32>, %past: tensor<1x2x?x8xf32>, %padding: tensor<1x1x1x?xi1>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %true = nn.constant dense<true> : tensor<i1>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  // CHECK: %[[P:.*]] = tensor.dim %arg1
  %p = tensor.dim %past, %c2 : tensor<1x2x?x8xf32>
  // CHECK-DAG: %[[I:.*]] = arith.index_cast %[[P]]
  // CHECK-DAG: %[[OFFSET:.*]] = tensor.from_elements %[[I]] : tensor<1xi64>
  %pi = arith.index_cast %p : index to i64
  %m = arith.addi %p, %dim : index
  %n64 = arith.index_cast %dim : index to i64
  %m64 = arith.index_cast %m : index to i64
  %n = tensor.from_elements %n64 : tensor<i64>
  %total = tensor.from_elements %m64 : tensor<i64>
  %start = tensor.from_elements %pi : tensor<i64>
  %k = nn.concat %past, %x {axis = 2 : i64} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32>
  %keys = nn.range %zero, %total, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %steps = nn.range %zero, %n, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %places = nn.add %steps, %start : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %places, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %later = nn.greater %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  %seen = nn.not %later : (tensor<?x?xi1>) -> tensor<?x?xi1>
  %all = nn.and %true, %seen : (tensor<i1>, tensor<?x?xi1>) -> tensor<?x?xi1>
  %mask = nn.and %all, %padding : (tensor<?x?xi1>, tensor<1x1x1x?xi1>) -> tensor<1x1x?x?xi1>
  // CHECK-DAG: %[[EXTRA:.*]] = nn.expand %arg2
  // CHECK: nn.attention %arg0, %{{.*}}, %{{.*}}, %[[EXTRA]], %[[OFFSET]] {causal = "top_left"
  %y = nn.attention %x, %k, %k, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x1x?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// A triangle of numbers, and a bias beside it, which remains.
// CHECK-LABEL: func @triangle
func.func @triangle(%x: tensor<1x2x?x8xf32>, %slopes: tensor<2x1x1xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %one = nn.constant dense<1> : tensor<i64>
  %low = nn.constant dense<0xFF800000> : tensor<f32>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %shape = tensor.from_elements %n, %n : tensor<2xi64>
  %filled = nn.expand %low, %shape : (tensor<f32>, tensor<2xi64>) -> tensor<?x?xf32>
  %upper = nn.trilu %filled, %one {upper = 1 : i64} : (tensor<?x?xf32>, tensor<i64>) -> tensor<?x?xf32>
  %bias = nn.add %slopes, %upper : (tensor<2x1x1xf32>, tensor<?x?xf32>) -> tensor<2x?x?xf32>
  // CHECK: nn.attention %arg0, %arg0, %arg0, %arg1 {causal = "top_left"
  %y = nn.attention %x, %x, %x, %bias {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<2x?x?xf32>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// By a finite number, padding may hide all of a query's keys: then all keys count again. So the mask stays, and keys are
// skipped only for sequences whose first key is there.
// CHECK-LABEL: func @finite_with_padding
func.func @finite_with_padding(%x: tensor<1x2x?x8xf32>, %padding: tensor<1x1x1x?xi1>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %none = nn.constant dense<0.0> : tensor<f32>
  %low = nn.constant dense<-3.4028235e+38> : tensor<f32>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %count = tensor.from_elements %n : tensor<i64>
  %keys = nn.range %zero, %count, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %keys, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %seen = nn.less_or_equal %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  %mask = nn.and %seen, %padding : (tensor<?x?xi1>, tensor<1x1x1x?xi1>) -> tensor<1x1x?x?xi1>
  %bias = nn.where %mask, %none, %low : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x?x?xf32>
  // CHECK: %[[BIAS:.*]] = nn.where
  // CHECK: %[[FIRST:.*]] = nn.gather %arg1
  // CHECK: %[[ONES:.*]] = nn.cast %[[FIRST]] {to = i64}
  // CHECK: %[[LEAST:.*]] = nn.reduce_min %[[ONES]]
  // CHECK: %[[SEEN:.*]] = nn.cast %[[LEAST]] {to = i1}
  // CHECK: %[[OFFSETS:.*]] = nn.where %[[SEEN]]
  // CHECK: nn.attention %arg0, %arg0, %arg0, %[[BIAS]], %[[OFFSETS]] {causal = "top_left"
  %y = nn.attention %x, %x, %x, %bias {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x1x?x?xf32>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// The same where scores are replaced, and padding is added as numbers: each alone hides.
// CHECK-LABEL: func @mask_and_padding
func.func @mask_and_padding(%x: tensor<1x2x?x8xf32>, %padding: tensor<1x1x1x?xi1>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %none = nn.constant dense<0.0> : tensor<f32>
  %low = nn.constant dense<-3.4028235e+38> : tensor<f32>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %count = tensor.from_elements %n : tensor<i64>
  %keys = nn.range %zero, %count, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %keys, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %seen = nn.less_or_equal %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  %bias = nn.where %padding, %low, %none : (tensor<1x1x1x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x1x?xf32>
  // CHECK: %[[FIRST:.*]] = nn.gather %arg1
  // CHECK: nn.not %[[FIRST]]
  // CHECK: nn.reduce_min
  // CHECK: nn.attention %arg0, %arg0, %arg0, %{{.*}} {causal = "top_left"
  // CHECK-SAME: mask_value
  %y = nn.attention %x, %x, %x, %bias, %seen {mask_value = -3.4028235e+38 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x1x1x?xf32>, tensor<?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// Positions that are constants.
// CHECK-LABEL: func @counted
func.func @counted(%x: tensor<1x2x4x8xf32>, %padding: tensor<1x1x1x4xi1>) -> tensor<1x2x4x8xf32> {
  %keys = nn.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %queries = nn.constant dense<[[0], [1], [2], [3]]> : tensor<4x1xi64>
  %seen = nn.less_or_equal %keys, %queries : (tensor<4xi64>, tensor<4x1xi64>) -> tensor<4x4xi1>
  %mask = nn.and %seen, %padding : (tensor<4x4xi1>, tensor<1x1x1x4xi1>) -> tensor<1x1x4x4xi1>
  // CHECK: nn.attention %arg0, %arg0, %arg0, %arg1 {causal = "top_left"
  %y = nn.attention %x, %x, %x, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x1x4x4xi1>) -> tensor<1x2x4x8xf32>
  return %y : tensor<1x2x4x8xf32>
}

// As many rows and columns of a table as there are queries and keys: numbers that passes do not see are described.
// CHECK-LABEL: func @table
func.func @table(%x: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<1xi64>
  %rows = nn.constant dense<2> : tensor<1xi64>
  %columns = nn.constant dense<3> : tensor<1xi64>
  %table = nn.weight 0 {nn.triangle = {hidden = 0.0 : f64, last = 0 : i64, shown = 1.0 : f64}} : tensor<1x1x64x64xi1>
  %n = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n64 = arith.index_cast %n : index to i64
  %end = tensor.from_elements %n64 : tensor<1xi64>
  %some = nn.slice %table, %zero, %end, %rows {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>} : (tensor<1x1x64x64xi1>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x1x?x64xi1>
  %mask = nn.slice %some, %zero, %end, %columns {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>} : (tensor<1x1x?x64xi1>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x1x?x?xi1>
  // CHECK: nn.attention %arg0, %arg0, %arg0 {causal = "top_left"
  %y = nn.attention %x, %x, %x, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x1x?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// Rows from 2 on stand at keys that are as far.
// CHECK-LABEL: func @later_rows
func.func @later_rows(%x: tensor<1x2x4x8xf32>, %k: tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32> {
  %start = nn.constant dense<[2, 0]> : tensor<2xi64>
  %end = nn.constant dense<6> : tensor<2xi64>
  %table = nn.weight 0 {nn.triangle = {hidden = 0.0 : f64, last = 0 : i64, shown = 1.0 : f64}} : tensor<64x64xi1>
  %mask = nn.slice %table, %start, %end {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>} : (tensor<64x64xi1>, tensor<2xi64>, tensor<2xi64>) -> tensor<4x6xi1>
  // CHECK: %[[OFFSET:.*]] = nn.constant dense<2>
  // CHECK: nn.attention %arg0, %arg1, %arg1, %[[OFFSET]] {causal = "top_left"
  %y = nn.attention %x, %k, %k, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>, tensor<1x2x6x8xf32>, tensor<4x6xi1>) -> tensor<1x2x4x8xf32>
  return %y : tensor<1x2x4x8xf32>
}

// CHECK-LABEL: func @small_table
func.func @small_table(%x: tensor<1x2x3x8xf32>) -> tensor<1x2x3x8xf32> {
  %table = nn.constant dense<[[true, false, false], [true, true, false], [true, true, true]]> : tensor<3x3xi1>
  // CHECK: nn.attention %arg0, %arg0, %arg0 {causal = "top_left"
  %y = nn.attention %x, %x, %x, %table {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<3x3xi1>) -> tensor<1x2x3x8xf32>
  return %y : tensor<1x2x3x8xf32>
}

// What departs from that stays a mask: a query that does not see itself, by a finite number...
// CHECK-LABEL: func @strictly_lower
func.func @strictly_lower(%x: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %low = nn.constant dense<-3.4028235e+38> : tensor<f32>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %shape = tensor.from_elements %n, %n : tensor<2xi64>
  %filled = nn.expand %low, %shape : (tensor<f32>, tensor<2xi64>) -> tensor<?x?xf32>
  %upper = nn.trilu %filled, %zero {upper = 1 : i64} : (tensor<?x?xf32>, tensor<i64>) -> tensor<?x?xf32>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %upper {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<?x?xf32>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// ...keys after a query's own...
// CHECK-LABEL: func @upper
func.func @upper(%x: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %count = tensor.from_elements %n : tensor<i64>
  %keys = nn.range %zero, %count, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %keys, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %mask = nn.greater_or_equal %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// ...numbers that only make less of a key...
// CHECK-LABEL: func @small
func.func @small(%x: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %one = nn.constant dense<1> : tensor<i64>
  %low = nn.constant dense<-1.0e+4> : tensor<f32>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %shape = tensor.from_elements %n, %n : tensor<2xi64>
  %filled = nn.expand %low, %shape : (tensor<f32>, tensor<2xi64>) -> tensor<?x?xf32>
  %upper = nn.trilu %filled, %one {upper = 1 : i64} : (tensor<?x?xf32>, tensor<i64>) -> tensor<?x?xf32>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %upper {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<?x?xf32>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// ...padding by a number that only makes less of a key...
// CHECK-LABEL: func @small_with_padding
func.func @small_with_padding(%x: tensor<1x2x?x8xf32>, %padding: tensor<1x1x1x?xi1>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %none = nn.constant dense<0.0> : tensor<f32>
  %low = nn.constant dense<-1.0e+4> : tensor<f32>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %count = tensor.from_elements %n : tensor<i64>
  %keys = nn.range %zero, %count, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %keys, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %seen = nn.less_or_equal %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  %mask = nn.and %seen, %padding : (tensor<?x?xi1>, tensor<1x1x1x?xi1>) -> tensor<1x1x?x?xi1>
  %bias = nn.where %mask, %none, %low : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x?x?xf32>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %bias {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x1x?x?xf32>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// ...a finite number beside another summand, which may hide what is left...
// CHECK-LABEL: func @finite_with_summand
func.func @finite_with_summand(%x: tensor<1x2x?x8xf32>, %slopes: tensor<2x1x1xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %one = nn.constant dense<1> : tensor<i64>
  %low = nn.constant dense<-3.4028235e+38> : tensor<f32>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %shape = tensor.from_elements %n, %n : tensor<2xi64>
  %filled = nn.expand %low, %shape : (tensor<f32>, tensor<2xi64>) -> tensor<?x?xf32>
  %upper = nn.trilu %filled, %one {upper = 1 : i64} : (tensor<?x?xf32>, tensor<i64>) -> tensor<?x?xf32>
  %bias = nn.add %slopes, %upper : (tensor<2x1x1xf32>, tensor<?x?xf32>) -> tensor<2x?x?xf32>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %bias {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<2x?x?xf32>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// ...a key that is left out...
// CHECK-LABEL: func @uneven
func.func @uneven(%x: tensor<1x2x4x8xf32>, %padding: tensor<1x1x1x4xi1>) -> tensor<1x2x4x8xf32> {
  %keys = nn.constant dense<[0, 1, 3, 4]> : tensor<4xi64>
  %queries = nn.constant dense<[[0], [1], [2], [3]]> : tensor<4x1xi64>
  %seen = nn.less_or_equal %keys, %queries : (tensor<4xi64>, tensor<4x1xi64>) -> tensor<4x4xi1>
  %mask = nn.and %seen, %padding : (tensor<4x4xi1>, tensor<1x1x1x4xi1>) -> tensor<1x1x4x4xi1>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x1x4x4xi1>) -> tensor<1x2x4x8xf32>
  return %y : tensor<1x2x4x8xf32>
}

// ...rows from the end of a table: which ones is not known...
// CHECK-LABEL: func @from_the_end
func.func @from_the_end(%x: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0 : i64
  %none = nn.constant dense<0> : tensor<1xi64>
  %all = nn.constant dense<64> : tensor<1xi64>
  %rows = nn.constant dense<0> : tensor<1xi64>
  %columns = nn.constant dense<1> : tensor<1xi64>
  %table = nn.weight 0 {nn.triangle = {hidden = 0.0 : f64, last = 0 : i64, shown = 1.0 : f64}} : tensor<64x64xi1>
  %n = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n64 = arith.index_cast %n : index to i64
  %minus = arith.subi %zero, %n64 : i64
  %start = tensor.from_elements %minus : tensor<1xi64>
  %end = tensor.from_elements %n64 : tensor<1xi64>
  %some = nn.slice %table, %start, %all, %rows {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>} : (tensor<64x64xi1>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x64xi1>
  %mask = nn.slice %some, %none, %end, %columns {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>} : (tensor<?x64xi1>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xi1>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// ...every second key...
// CHECK-LABEL: func @steps_of_two
func.func @steps_of_two(%x: tensor<1x2x?x8xf32>, %keys: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %two = nn.constant dense<2> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %n = arith.index_cast %dim : index to i64
  %count = tensor.from_elements %n : tensor<i64>
  %places = nn.range %zero, %count, %two : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %places, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %mask = nn.less_or_equal %places, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %keys, %keys, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}

// ...positions of as many queries as are not known to be there: one row for all would be another mask.
// CHECK-LABEL: func @other_length
func.func @other_length(%x: tensor<1x2x?x8xf32>, %other: tensor<?xf32>) -> tensor<1x2x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = nn.constant dense<0> : tensor<i64>
  %one = nn.constant dense<1> : tensor<i64>
  %axis = nn.constant dense<1> : tensor<1xi64>
  %dim = tensor.dim %x, %c2 : tensor<1x2x?x8xf32>
  %rows = tensor.dim %other, %c0 : tensor<?xf32>
  %n64 = arith.index_cast %dim : index to i64
  %r64 = arith.index_cast %rows : index to i64
  %n = tensor.from_elements %n64 : tensor<i64>
  %r = tensor.from_elements %r64 : tensor<i64>
  %keys = nn.range %zero, %n, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %places = nn.range %zero, %r, %one : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %queries = nn.unsqueeze %places, %axis : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %mask = nn.less_or_equal %keys, %queries : (tensor<?xi64>, tensor<?x1xi64>) -> tensor<?x?xi1>
  // CHECK: nn.attention
  // CHECK-NOT: causal = "top_left"
  // CHECK: return
  %y = nn.attention %x, %x, %x, %mask {operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0, 0>} : (tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<?x?xi1>) -> tensor<1x2x?x8xf32>
  return %y : tensor<1x2x?x8xf32>
}
