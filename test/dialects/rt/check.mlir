// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s
// RUN: tilewright-opt %s --canonicalize | FileCheck %s --check-prefix=FOLDED

// CHECK-LABEL: @check
// FOLDED-LABEL: @check
func.func @check(%n: index, %m: index) {
  %ok = arith.cmpi eq, %n, %m : index
  // CHECK: rt.check %{{.*}}, "expected equal sizes, found %ld and %ld"(%{{.*}}, %{{.*}})
  // FOLDED: rt.check
  rt.check %ok, "expected equal sizes, found %ld and %ld"(%n, %m)
  return
}

// What holds is not checked.
// FOLDED-LABEL: @holds
// FOLDED-NOT: rt.check
func.func @holds(%n: index) {
  %ok = arith.cmpi eq, %n, %n : index
  rt.check %ok, "never"(%n)
  return
}
