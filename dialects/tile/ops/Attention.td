// Attention as one op, and the parts of the loop that it becomes.
#ifndef TW_TILE_ATTENTION
#define TW_TILE_ATTENTION

include "dialects/tile/Tile.td"

def Tile_AttentionOp : Tile_UpdateOp<"attention", 1, 0, [AttrSizedOperandSegments]> {
  let summary = "init = softmax(softcap(scale * q k^T) + bias, where allowed) v";
  let description = [{
    Operands are [batch, heads, length, size]; those named in `interleaved` are [batch, length, heads, size]. q's head h reads
    head h / (heads of q / heads of k) of k and v. `bias` and `mask` have rank 4, each dim the score's or 1 (a batch may repeat); where the mask is
    false the score is `mask_value`, -infinity where absent, before bias is added or, with `mask_last`, after. Key j of batch b exists where j < lengths[b]. The query in row i stands at key i + offset, offset = offsets[b] (0
    where absent), and with `causal` sees keys up to its own place; with `window` > 0 only the `window` keys that end there.
    A row that sees nothing is 0, or NaN where `dead_rows` is "nan".

    With `query_starts`, q and the result are [1, tokens, heads, size], and the queries of batch b are rows query_starts[b] to
    query_starts[b + 1] - 1. With `key_starts` the same holds for k and v; with a `block_table` they are [pages, page size,
    heads, size], and key j of batch b is row j % (page size) of page block_table[b, j / (page size)]. What these tensors say is
    clamped to what exists.
    ```
    %y = tile.attention ins(%q, %k, %v : tensor<1x2x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x32xf32>)
           outs(%o : tensor<1x2x?x32xf32>) {scale = 0.125 : f32} -> tensor<1x2x?x32xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$q, AnyShaped:$k, AnyShaped:$v, Optional<AnyShaped>:$bias,
                       Optional<AnyShaped>:$mask, Optional<AnyShaped>:$lengths, Optional<AnyShaped>:$offsets,
                       Optional<AnyShaped>:$query_starts, Optional<AnyShaped>:$key_starts, Optional<AnyShaped>:$block_table,
                       AnyShaped:$init,
                       F32Attr:$scale, DefaultValuedAttr<F32Attr, "0.0f">:$softcap, UnitAttr:$causal,
                       DefaultValuedAttr<I64Attr, "0">:$window, OptionalAttr<F32Attr>:$mask_value, UnitAttr:$mask_last,
                       DefaultValuedAttr<StrAttr, "\"zero\"">:$dead_rows,
                       DefaultValuedAttr<StrArrayAttr, "{}">:$interleaved);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $q `,` $k `,` $v `:` type($q) `,` type($k) `,` type($v) `)` (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`mask` `(` $mask^ `:` type($mask) `)`)? (`lengths` `(` $lengths^ `:` type($lengths) `)`)? (`offsets` `(` $offsets^ `:` type($offsets) `)`)?
    (`query_starts` `(` $query_starts^ `:` type($query_starts) `)`)? (`key_starts` `(` $key_starts^ `:` type($key_starts) `)`)?
    (`block_table` `(` $block_table^ `:` type($block_table) `)`)?
    `outs` `(` $init `:` type($init) `)` attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Tile_PackQueriesOp : Tile_UpdateOp<"pack_queries", 1, 0> {
  let summary = "init[p, d, w] = scale * rows[p * width + w, d]";
  let description = [{
    Panels of `width` query rows, transposed: a vector holds one component of neighbouring queries. Columns beyond the last
    row hold any number.
    `%p = tile.pack_queries ins(%q : tensor<?x64xf32>) outs(%e : tensor<4x64x64xf32>) {scale = 0.125 : f32} -> tensor<4x64x64xf32>`
  }];
  let arguments = (ins AnyShaped:$rows, AnyShaped:$init, F32Attr:$scale);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $rows `:` type($rows) `)` `outs` `(` $init `:` type($init) `)` attr-dict (`->` type($results)^)?
  }];
}

def Tile_AttentionStepOp : Tile_UpdateOp<"attention_step", 3, 1, [AttrSizedOperandSegments]> {
  let summary = "one block of keys and values goes into the running softmax of a block of queries";
  let description = [{
    For each of `rows` query rows: s = softcap(q k^T), masked and biased, m' = max(m, max s), c = exp(m - m'),
    l' = c l + sum exp(s - m'), acc' = c acc + exp(s - m') v. Queries are packed (tile.pack_queries), and so is the state:
    maximum and sum [panels, width], accumulator [panels, size of v, width]. Row r stands at key `position` + r of the block;
    `causal` and `window` as in tile.attention. Panels whose rows see none of the keys are left as they are.
    ```
    %m1, %l1, %a1 = tile.attention_step ins(%q, %k, %v : tensor<1x8x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>)
        rows(%n) position(%p) outs(%m, %l, %a : tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x8x16xf32>) {causal}
        -> tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x8x16xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$queries, AnyShaped:$k, AnyShaped:$v, Optional<AnyShaped>:$bias, Optional<AnyShaped>:$mask,
                       Index:$rows, Index:$position, AnyShaped:$maximum, AnyShaped:$sum, AnyShaped:$accumulator,
                       DefaultValuedAttr<F32Attr, "0.0f">:$softcap, UnitAttr:$causal,
                       DefaultValuedAttr<I64Attr, "0">:$window, OptionalAttr<F32Attr>:$mask_value, UnitAttr:$mask_last);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $queries `,` $k `,` $v `:` type($queries) `,` type($k) `,` type($v) `)` (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`mask` `(` $mask^ `:` type($mask) `)`)? `rows` `(` $rows `)` `position` `(` $position `)`
    `outs` `(` $maximum `,` $sum `,` $accumulator `:` type($maximum) `,` type($sum) `,` type($accumulator) `)` attr-dict
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Tile_AttentionFinishOp : Tile_UpdateOp<"attention_finish", 1, 0> {
  let summary = "init[r, d] = accumulator[r / width, d, r % width] / sum[r / width, r % width]";
  let description = [{
    A row whose sum is 0 becomes 0, or NaN where `dead_rows` is "nan".
    ```
    %y = tile.attention_finish ins(%l, %a : tensor<1x16xf32>, tensor<1x8x16xf32>) outs(%o : tensor<?x8xf32>)
         {dead_rows = "zero"} -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$sum, AnyShaped:$accumulator, AnyShaped:$init, StrAttr:$dead_rows);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $sum `,` $accumulator `:` type($sum) `,` type($accumulator) `)` `outs` `(` $init `:` type($init) `)` attr-dict
    (`->` type($results)^)?
  }];
}

#endif
