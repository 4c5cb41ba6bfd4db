// RUN: tilewright-check --target=ptx %s

// Sizes that are known at run time only; assemble.test sees to it that these kernels keep their sums in registers.
func.func @half() {
  %a = nn.constant dense<0.5> : tensor<130x136xf16>
  %b = nn.constant dense<0.25> : tensor<136x72xf16>
  %c = nn.matmul %a, %b : (tensor<130x136xf16>, tensor<136x72xf16>) -> tensor<130x72xf16>
  check.expect_close %c, dense<17.0> : tensor<130x72xf16> : tensor<130x72xf16>
  return
}
func.func @brain_in_batches() {
  %a = nn.constant dense<0.5> : tensor<3x20x33xbf16>
  %b = nn.constant dense<0.25> : tensor<3x33x129xbf16>
  %c = nn.matmul %a, %b : (tensor<3x20x33xbf16>, tensor<3x33x129xbf16>) -> tensor<3x20x129xbf16>
  check.expect_close %c, dense<4.125> : tensor<3x20x129xbf16> : tensor<3x20x129xbf16>
  return
}
