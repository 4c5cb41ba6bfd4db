#ifndef TW_NN_RANK_UNIQUE
#define TW_NN_RANK_UNIQUE

include "dialects/nn/NN.td"

def NN_RankUniqueOp : NN_Op<"rank_unique"> {
  let summary = "the place of each slice among the different ones";
  let description = [{
    Slices along `axis`, or single elements without it; ordered by value where `sorted`, else by first occurrence. The second
    result is how many different ones there are. Single elements are sorted, of slices all pairs are compared.
    `%ranks, %n = nn.rank_unique %x : (tensor<6xf32>) -> (tensor<6xi64>, tensor<i64>)`
  }];
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$X, OptionalAttr<I64Attr>:$axis, DefaultValuedAttr<I64Attr, "1">:$sorted);
  let results = (outs AnyTensor:$ranks, AnyTensor:$count);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
