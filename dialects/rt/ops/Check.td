#ifndef TW_RT_CHECK
#define TW_RT_CHECK

include "dialects/rt/RT.td"

def RT_CheckOp : RT_Op<"check", [MemoryEffects<[MemWrite]>]> {
  let summary = "the run fails unless `condition` holds";
  let description = [{
    The error is `message`, each "%ld" of it one of `values`.
    `rt.check %ok, "expected equal sizes, found %ld and %ld" (%n, %m)`
  }];
  let arguments = (ins I1:$condition, StrAttr:$message, Variadic<Index>:$values);
  let assemblyFormat = "$condition `,` $message `(` $values `)` attr-dict";
  let hasCanonicalizeMethod = 1;
}

#endif
