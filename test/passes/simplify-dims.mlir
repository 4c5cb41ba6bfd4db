// RUN: tilewright-opt --simplify-dims --canonicalize %s | FileCheck %s

// A size is not -1, which reshapes and expands ask for.
// CHECK-LABEL: func @negative
func.func @negative(%x: tensor<?xf32>) -> i64 {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1 : i64
  %minus = arith.constant -1 : i64
  %dim = tensor.dim %x, %c0 : tensor<?xf32>
  %n = arith.index_cast %dim : index to i64
  // CHECK-NOT: arith.cmpi
  %computed = arith.cmpi eq, %n, %minus : i64
  // CHECK-NOT: arith.select
  // CHECK: %[[N:.*]] = arith.index_cast
  // CHECK: return %[[N]]
  %d = arith.select %computed, %one, %n : i64
  return %d : i64
}

// Where n is 1, so is min(n, 64): a broadcast of both is n.
// CHECK-LABEL: func @broadcast
func.func @broadcast(%x: tensor<?xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  // CHECK: %[[N:.*]] = tensor.dim
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  // CHECK: %[[M:.*]] = arith.minsi %[[N]]
  %m = arith.minsi %n, %c64 : index
  %nIsOne = arith.cmpi eq, %n, %c1 : index
  %a = arith.select %nIsOne, %m, %n : index
  %mIsOne = arith.cmpi eq, %m, %c1 : index
  %b = arith.select %mIsOne, %n, %m : index
  // CHECK: return %[[N]], %[[M]]
  return %a, %b : index, index
}

// A reshape copies a dim where it is 0: n * m is 0 too there, but m is not.
// CHECK-LABEL: func @copied
func.func @copied(%x: tensor<?x?xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1
  // CHECK-DAG: %[[N:.*]] = tensor.dim %arg0, %[[C0]]
  // CHECK-DAG: %[[M:.*]] = tensor.dim %arg0, %[[C1]]
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %nm = arith.muli %n, %m : index
  // CHECK: %[[ZERO:.*]] = arith.cmpi eq, %[[N]]
  %isZero = arith.cmpi eq, %n, %c0 : index
  %a = arith.select %isZero, %nm, %n : index
  // CHECK: %[[B:.*]] = arith.select %[[ZERO]], %[[M]], %[[N]]
  %b = arith.select %isZero, %m, %n : index
  // CHECK: return %[[N]], %[[B]]
  return %a, %b : index, index
}

// Data may be anything: only sizes are known not to be negative.
// CHECK-LABEL: func @data
func.func @data(%x: tensor<1xi64>) -> i64 {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i64
  %n = tensor.extract %x[%c0] : tensor<1xi64>
  // CHECK: arith.maxsi
  %m = arith.maxsi %n, %zero : i64
  return %m : i64
}

// CHECK-LABEL: func @limited
func.func @limited(%x: tensor<?xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  // CHECK: %[[N:.*]] = tensor.dim
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %a = arith.maxsi %n, %c0 : index
  // CHECK: %[[B:.*]] = arith.maxsi %[[N]]
  %b = arith.maxsi %n, %c3 : index
  // CHECK: return %[[N]], %[[B]]
  return %a, %b : index, index
}

// min(n, 3) is never 5; max(n, 3) is 5 where n is.
// CHECK-LABEL: func @never
func.func @never(%x: tensor<?xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  // CHECK: %[[N:.*]] = tensor.dim
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %least = arith.minsi %n, %c3 : index
  %isFive = arith.cmpi eq, %least, %c5 : index
  %a = arith.select %isFive, %c0, %n : index
  %most = arith.maxsi %n, %c3 : index
  %mostIsFive = arith.cmpi eq, %most, %c5 : index
  %b = arith.select %mostIsFive, %c5, %n : index
  // CHECK: return %[[N]], %[[N]]
  return %a, %b : index, index
}

// Twice a size is not 1.
// CHECK-LABEL: func @multiple
func.func @multiple(%x: tensor<?xf32>) -> (index, i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  // CHECK-DAG: %[[FALSE:.*]] = arith.constant false
  // CHECK-DAG: %[[N:.*]] = tensor.dim
  // CHECK: %[[TWICE:.*]] = arith.muli %[[N]]
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %twice = arith.muli %n, %c2 : index
  %isOne = arith.cmpi eq, %twice, %c1 : index
  %a = arith.select %isOne, %n, %twice : index
  // CHECK: return %[[TWICE]], %[[FALSE]]
  return %a, %isOne : index, i1
}

// Sums of the same are equal however they were made, but n - m is not m - n.
// CHECK-LABEL: func @sums
func.func @sums(%x: tensor<?x?xf32>, %c: i1) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %nm = arith.addi %n, %m : index
  // CHECK: %[[MN:.*]] = arith.addi
  %mn = arith.addi %m, %n : index
  %a = arith.select %c, %nm, %mn : index
  %less = arith.subi %n, %m : index
  %more = arith.subi %m, %n : index
  // CHECK: %[[B:.*]] = arith.select
  %b = arith.select %c, %less, %more : index
  // CHECK: return %[[MN]], %[[B]]
  return %a, %b : index, index
}
