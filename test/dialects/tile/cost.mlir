// RUN: tilewright-opt %s | tilewright-opt | FileCheck %s

// CHECK-LABEL: @cost
func.func @cost(%ns: index) {
  scf.forall (%i) in (4) {
    // CHECK: tile.cost %{{.*}}
    tile.cost %ns
  }
  return
}
