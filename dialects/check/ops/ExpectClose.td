#ifndef TW_CHECK_EXPECT_CLOSE
#define TW_CHECK_EXPECT_CLOSE

include "dialects/check/Check.td"

def Check_ExpectCloseOp : Check_Op<"expect_close"> {
  let summary = "fails the run unless the tensor's elements are near `expected`";
  let description = [{
    |actual - expected| <= atol + rtol * |expected| for every element; NaN equals NaN. Integers must be equal.
    `check.expect_close %y, dense<[1.0, 2.0]> : tensor<2xf32>`
  }];
  let arguments = (ins AnyTensor:$actual, ElementsAttr:$expected, DefaultValuedAttr<F64Attr, "1e-6">:$rtol,
                       DefaultValuedAttr<F64Attr, "1e-7">:$atol);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
}

#endif
