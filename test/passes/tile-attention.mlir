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

// Keys in pages of 16: a step takes one, whose number the table gives, and which exists whatever the number is.
// CHECK-LABEL: @in_pages
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<1x?x4x64xf32>, %[[K:[a-z0-9]+]]: tensor<?x16x2x64xf32>, {{.*}}, %[[T:[a-z0-9]+]]: tensor<3x10xi32>
// CHECK: scf.forall (%[[B:.*]], %{{.*}}, %{{.*}}) in (3, 4, %{{.*}})
// CHECK: tensor.extract_slice %[[Q]]
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c16
// CHECK: tensor.extract %[[T]][%[[B]], %{{.*}}]
// CHECK: arith.minsi
// CHECK: arith.maxsi
// CHECK: tensor.extract_slice %[[K]]
// CHECK: tile.attention_step
func.func @in_pages(%q: tensor<1x?x4x64xf32>, %k: tensor<?x16x2x64xf32>, %s: tensor<4xi32>, %t: tensor<3x10xi32>, %l: tensor<3xi32>,
                    %o: tensor<1x?x4x64xf32>) -> tensor<1x?x4x64xf32> {
  %y = tile.attention ins(%q, %k, %k : tensor<1x?x4x64xf32>, tensor<?x16x2x64xf32>, tensor<?x16x2x64xf32>) lengths(%l : tensor<3xi32>)
    query_starts(%s : tensor<4xi32>) block_table(%t : tensor<3x10xi32>)
    outs(%o : tensor<1x?x4x64xf32>) {scale = 0.125 : f32, interleaved = ["q", "k", "v", "y"]} -> tensor<1x?x4x64xf32>
  return %y : tensor<1x?x4x64xf32>
}
