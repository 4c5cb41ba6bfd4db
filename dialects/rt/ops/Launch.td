#ifndef TW_RT_LAUNCH
#define TW_RT_LAUNCH

include "dialects/rt/RT.td"

def RT_LaunchOp : RT_Op<"launch", [Pure, AttrSizedOperandSegments]> {
  let summary = "run a kernel over its grid";
  let description = [{
    `inputs` are tensors, `scalars` host numbers, `dims` the kernel's index arguments; results are written by the kernel,
    `resultDims` are their dynamic dims in order.
    `results` take no part of their operands' memory.
    `%y = rt.launch @k(%x) scalars() dims(%n) -> (%n) : (tensor<?xf32>) -> tensor<?xf32>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyTensor>:$inputs, Variadic<AnyType>:$scalars,
                       Variadic<Index>:$dims, Variadic<Index>:$resultDims);
  let results = (outs Variadic<AnyTensor>:$results);
  let assemblyFormat = [{
    $kernel `(` $inputs `)` `scalars` `(` ($scalars^ `:` type($scalars))? `)` `dims` `(` $dims `)` `->` `(` $resultDims `)`
    attr-dict `:` functional-type($inputs, $results)
  }];
}

#endif
