// RUN: tilewright-opt %s -tile-attention=cpu=x86-64-v4 | FileCheck %s

// Blocks of queries around blocks of keys; nothing has as many elements as there are scores (1000 x 2000).
// CHECK-LABEL: @dense
// CHECK-NOT: 1000x2000
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) in (1, 8, 4)
// CHECK: tile.pack_queries
// CHECK: scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[M:.*]] = %{{.*}}, %[[L:.*]] = %{{.*}}, %[[A:.*]] = %{{.*}}) -> (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64x64xf32>)
// CHECK: tile.attention_step
// CHECK-SAME: outs(%[[M]], %[[L]], %[[A]] :
// CHECK: tile.attention_finish
// CHECK: tensor.parallel_insert_slice
func.func @dense(%q: tensor<1x8x1000x64xf32>, %k: tensor<1x2x2000x64xf32>, %v: tensor<1x2x2000x64xf32>,
                 %o: tensor<1x8x1000x64xf32>) -> tensor<1x8x1000x64xf32> {
  %y = tile.attention ins(%q, %k, %v : tensor<1x8x1000x64xf32>, tensor<1x2x2000x64xf32>, tensor<1x2x2000x64xf32>)
    outs(%o : tensor<1x8x1000x64xf32>) {scale = 0.125 : f32} -> tensor<1x8x1000x64xf32>
  return %y : tensor<1x8x1000x64xf32>
}

// The loop over keys ends where the last query of the block stops seeing, and begins where the window of the first does.
// CHECK-LABEL: @causal_window
// CHECK: scf.forall
// CHECK: arith.minsi
// CHECK: arith.maxsi
// CHECK: scf.for
// CHECK: tile.attention_step
// CHECK-SAME: causal, {{.*}}window = 128
func.func @causal_window(%q: tensor<1x2x?x64xf32>, %o: tensor<1x2x?x64xf32>) -> tensor<1x2x?x64xf32> {
  %y = tile.attention ins(%q, %q, %q : tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>)
    outs(%o : tensor<1x2x?x64xf32>) {scale = 0.125 : f32, causal, window = 128 : i64} -> tensor<1x2x?x64xf32>
  return %y : tensor<1x2x?x64xf32>
}
