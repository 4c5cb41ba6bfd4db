// RUN: tilewright-check --target=ptx %s
// RUN: tilewright-check --target=ptx --allow-tf32 %s

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
func.func @single() {
  %a = nn.constant dense<0.5> : tensor<70x45xf32>
  %b = nn.constant dense<0.25> : tensor<45x90xf32>
  %c = nn.matmul %a, %b : (tensor<70x45xf32>, tensor<45x90xf32>) -> tensor<70x90xf32>
  check.expect_close %c, dense<5.625> : tensor<70x90xf32> : tensor<70x90xf32>
  return
}
func.func @bytes() {
  %a = nn.constant dense<200> : tensor<2x70x45xui8>
  %b = nn.constant dense<-3> : tensor<90x45xi8>
  %c = nn.matmul_integer %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32, transposed}
    : (tensor<2x70x45xui8>, tensor<90x45xi8>) -> tensor<2x70x90xi32>
  check.expect_close %c, dense<-27000> : tensor<2x70x90xi32> : tensor<2x70x90xi32>
  return
}
