// RUN: tilewright-opt %s -split-input-file -verify-diagnostics | tilewright-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @whole
// CHECK: tile.attention ins(%{{.*}}, %{{.*}}, %{{.*}} : {{.*}}) bias(%{{.*}} : tensor<1x1x?x?xf32>) mask(%{{.*}} : tensor<1x1x1x?xi1>) lengths(%{{.*}} : tensor<1xi64>) outs(
// CHECK-SAME: causal
func.func @whole(%q: tensor<1x4x?x64xf32>, %k: tensor<1x2x?x64xf32>, %v: tensor<1x2x?x32xf32>, %b: tensor<1x1x?x?xf32>,
                 %m: tensor<1x1x1x?xi1>, %n: tensor<1xi64>, %o: tensor<1x4x?x32xf32>) -> tensor<1x4x?x32xf32> {
  %y = tile.attention ins(%q, %k, %v : tensor<1x4x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x32xf32>)
    bias(%b : tensor<1x1x?x?xf32>) mask(%m : tensor<1x1x1x?xi1>) lengths(%n : tensor<1xi64>)
    outs(%o : tensor<1x4x?x32xf32>) {scale = 0.125 : f32, causal} -> tensor<1x4x?x32xf32>
  return %y : tensor<1x4x?x32xf32>
}

// -----

// CHECK-LABEL: @parts
// CHECK: tile.pack_queries
// CHECK: tile.attention_step
// CHECK: tile.attention_finish
func.func @parts(%q: tensor<?x8xf32>, %k: tensor<?x8xf32>, %v: tensor<?x8xf32>, %p: tensor<1x8x16xf32>, %m: tensor<1x16xf32>,
                 %l: tensor<1x16xf32>, %a: tensor<1x8x16xf32>, %o: tensor<?x8xf32>, %rows: index, %at: index) -> tensor<?x8xf32> {
  %packed = tile.pack_queries ins(%q : tensor<?x8xf32>) outs(%p : tensor<1x8x16xf32>) {scale = 1.0 : f32} -> tensor<1x8x16xf32>
  %s:3 = tile.attention_step ins(%packed, %k, %v : tensor<1x8x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>) rows(%rows) position(%at)
    outs(%m, %l, %a : tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x8x16xf32>) {causal, window = 4 : i64}
    -> tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x8x16xf32>
  %y = tile.attention_finish ins(%s#1, %s#2 : tensor<1x16xf32>, tensor<1x8x16xf32>) outs(%o : tensor<?x8xf32>)
    {dead_rows = "nan"} -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

func.func @heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x3x3x8xf32>, %o: tensor<1x4x3x8xf32>) {
  // expected-error@+1 {{heads of k: expected a divisor of 4, found 3}}
  %y = tile.attention ins(%q, %k, %k : tensor<1x4x3x8xf32>, tensor<1x3x3x8xf32>, tensor<1x3x3x8xf32>)
    outs(%o : tensor<1x4x3x8xf32>) {scale = 1.0 : f32} -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @size(%q: tensor<1x4x3x?xf32>, %k: tensor<1x4x3x8xf32>, %o: tensor<1x4x3x8xf32>) {
  // expected-error@+1 {{expected heads of static size}}
  %y = tile.attention ins(%q, %k, %k : tensor<1x4x3x?xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>)
    outs(%o : tensor<1x4x3x8xf32>) {scale = 1.0 : f32} -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @rank(%q: tensor<1x4x3x8xf32>, %b: tensor<3x3xf32>, %o: tensor<1x4x3x8xf32>) {
  // expected-error@+1 {{bias and mask: expected rank 4, found}}
  %y = tile.attention ins(%q, %q, %q : tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>) bias(%b : tensor<3x3xf32>)
    outs(%o : tensor<1x4x3x8xf32>) {scale = 1.0 : f32} -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @dead(%q: tensor<1x4x3x8xf32>, %o: tensor<1x4x3x8xf32>) {
  // expected-error@+1 {{dead_rows: expected zero or nan, found one}}
  %y = tile.attention ins(%q, %q, %q : tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>)
    outs(%o : tensor<1x4x3x8xf32>) {scale = 1.0 : f32, dead_rows = "one"} -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @unpacked(%q: tensor<?x8xf32>, %m: tensor<1x16xf32>, %a: tensor<1x8x16xf32>, %n: index) {
  // expected-error@+1 {{expected packed queries and accumulators of static shape}}
  %s:3 = tile.attention_step ins(%q, %q, %q : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) rows(%n) position(%n)
    outs(%m, %m, %a : tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x8x16xf32>) -> tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x8x16xf32>
  return
}

// -----

func.func @keys_alone(%q: tensor<1x3x4x8xf32>, %s: tensor<3xi32>, %o: tensor<1x3x4x8xf32>) {
  // expected-error@+1 {{expected query_starts beside key_starts or a block_table}}
  %y = tile.attention ins(%q, %q, %q : tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>) key_starts(%s : tensor<3xi32>)
    outs(%o : tensor<1x3x4x8xf32>) {scale = 1.0 : f32, interleaved = ["q", "k", "v", "y"]} -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @queries_alone(%q: tensor<1x3x4x8xf32>, %s: tensor<3xi32>, %o: tensor<1x3x4x8xf32>) {
  // expected-error@+1 {{expected key_starts or a block_table, and not both}}
  %y = tile.attention ins(%q, %q, %q : tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>) query_starts(%s : tensor<3xi32>)
    outs(%o : tensor<1x3x4x8xf32>) {scale = 1.0 : f32, interleaved = ["q", "k", "v", "y"]} -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @not_interleaved(%q: tensor<1x3x4x8xf32>, %s: tensor<3xi32>, %o: tensor<1x3x4x8xf32>) {
  // expected-error@+1 {{expected q, k, v and y interleaved where there are query_starts}}
  %y = tile.attention ins(%q, %q, %q : tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>, tensor<1x3x4x8xf32>) query_starts(%s : tensor<3xi32>)
    key_starts(%s : tensor<3xi32>) outs(%o : tensor<1x3x4x8xf32>) {scale = 1.0 : f32} -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @pages(%q: tensor<1x3x4x8xf32>, %k: tensor<9x?x4x8xf32>, %s: tensor<3xi32>, %t: tensor<2x5xi32>, %o: tensor<1x3x4x8xf32>) {
  // expected-error@+1 {{expected pages of static size, found}}
  %y = tile.attention ins(%q, %k, %k : tensor<1x3x4x8xf32>, tensor<9x?x4x8xf32>, tensor<9x?x4x8xf32>) query_starts(%s : tensor<3xi32>)
    block_table(%t : tensor<2x5xi32>) outs(%o : tensor<1x3x4x8xf32>) {scale = 1.0 : f32, interleaved = ["q", "k", "v", "y"]} -> tensor<1x3x4x8xf32>
  return
}
