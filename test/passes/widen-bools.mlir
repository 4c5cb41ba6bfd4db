// RUN: tilewright-opt %s --widen-bools | FileCheck %s

// CHECK: memref.global "private" constant @mask : memref<2xi8> = dense<[1, 0]>
memref.global "private" constant @mask : memref<2xi1> = dense<[true, false]>

// CHECK-LABEL: @invert
// CHECK-SAME: %[[OUT:.*]]: memref<i8>
func.func @invert(%out: memref<i1>, %i: index) {
  %true = arith.constant true
  // CHECK: %[[M:.*]] = memref.get_global @mask : memref<2xi8>
  %m = memref.get_global @mask : memref<2xi1>
  // CHECK: %[[BYTE:.*]] = memref.load %[[M]][%{{.*}}] : memref<2xi8>
  // CHECK: %[[BIT:.*]] = arith.trunci %[[BYTE]] : i8 to i1
  %v = memref.load %m[%i] : memref<2xi1>
  // CHECK: %[[NOT:.*]] = arith.xori %[[BIT]]
  %n = arith.xori %v, %true : i1
  // CHECK: %[[WIDE:.*]] = arith.extui %[[NOT]] : i1 to i8
  // CHECK: memref.store %[[WIDE]], %[[OUT]][]
  memref.store %n, %out[] : memref<i1>
  return
}
