#ifndef TW_RT_VIEW
#define TW_RT_VIEW

include "dialects/rt/RT.td"

def RT_ViewOp : RT_Op<"view", [Pure]> {
  let summary = "the same memory under another shape";
  let description = "`dims` are the result's dynamic dims. `%y = rt.view %x(%n) : tensor<?x4xf32> -> tensor<?xf32>`";
  let arguments = (ins AnyTensor:$source, Variadic<Index>:$dims);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$source `(` $dims `)` attr-dict `:` type($source) `->` type($result)";
}

#endif
