// RUN: tilewright-opt %s --resolve-dims | FileCheck %s

// The dim of what a loop gives is that of what it starts from; a concatenation's is a sum.
// CHECK-LABEL: func @loop_and_concat
// CHECK-SAME: %[[N:[a-z0-9]*]]: index, %[[M:[a-z0-9]*]]: index
func.func @loop_and_concat(%n: index, %m: index) -> (index, index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %a = tensor.empty(%n) : tensor<?xf32>
  %b = tensor.empty(%m) : tensor<?xf32>
  %f = arith.constant 1.0 : f32
  %r = scf.for %i = %zero to %n step %one iter_args(%t = %a) -> tensor<?xf32> {
    %next = tensor.insert %f into %t[%i] : tensor<?xf32>
    scf.yield %next : tensor<?xf32>
  }
  %c = tensor.concat dim(0) %r, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  // CHECK-NOT: tensor.dim
  %x = tensor.dim %r, %zero : tensor<?xf32>
  // CHECK: %[[SUM:.*]] = arith.addi %[[N]], %[[M]]
  %y = tensor.dim %c, %zero : tensor<?xf32>
  // CHECK: return %[[N]], %[[SUM]]
  return %x, %y : index, index
}
