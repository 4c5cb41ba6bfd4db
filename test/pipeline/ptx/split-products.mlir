// RUN: tilewright-check --target=ptx --static-only %s
// RUN: tilewright-check --target=ptx --static-only --print-ptx %s | FileCheck %s

// One tile and a long sum: eight blocks have a part of it each, a second launch adds the parts in their order and finishes.
// CHECK: // ---- test_half: 2 parts
func.func @half() {
  %a = nn.constant dense<0.5> : tensor<33x2050xf16>
  %b = nn.constant dense<0.25> : tensor<2050x40xf16>
  %c = nn.matmul %a, %b : (tensor<33x2050xf16>, tensor<2050x40xf16>) -> tensor<33x40xf16>
  check.expect_close %c, dense<256.25> : tensor<33x40xf16> : tensor<33x40xf16>
  return
}

// CHECK: // ---- test_with_epilogue: 2 parts
func.func @with_epilogue() {
  %a = nn.constant dense<0.5> : tensor<2x20x1000xf32>
  %b = nn.constant dense<0.25> : tensor<2x1000x24xf32>
  %x = nn.constant dense<-100.0> : tensor<24xf32>
  %c = nn.matmul %a, %b : (tensor<2x20x1000xf32>, tensor<2x1000x24xf32>) -> tensor<2x20x24xf32>
  %d = nn.add %c, %x : (tensor<2x20x24xf32>, tensor<24xf32>) -> tensor<2x20x24xf32>
  check.expect_close %d, dense<25.0> : tensor<2x20x24xf32> : tensor<2x20x24xf32>
  return
}

// A multiplication table: rows are multiples of 0.5, columns of 0.25, over 1024 steps.
// CHECK: // ---- test_table: {{[2-9]}} parts
func.func @table() {
  %a = nn.constant dense<0.5> : tensor<9x1024xf32>
  %i = nn.constant dense<[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [9.0]]> : tensor<9x1xf32>
  %b = nn.constant dense<0.25> : tensor<1024x16xf32>
  %j = nn.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]> : tensor<16xf32>
  %ai = nn.mul %a, %i : (tensor<9x1024xf32>, tensor<9x1xf32>) -> tensor<9x1024xf32>
  %bj = nn.mul %b, %j : (tensor<1024x16xf32>, tensor<16xf32>) -> tensor<1024x16xf32>
  %c = nn.matmul %ai, %bj : (tensor<9x1024xf32>, tensor<1024x16xf32>) -> tensor<9x16xf32>
  check.expect_close %c, dense<[[128.0, 256.0, 384.0, 512.0, 640.0, 768.0, 896.0, 1024.0, 1152.0, 1280.0, 1408.0, 1536.0, 1664.0, 1792.0, 1920.0, 2048.0], [256.0, 512.0, 768.0, 1024.0, 1280.0, 1536.0, 1792.0, 2048.0, 2304.0, 2560.0, 2816.0, 3072.0, 3328.0, 3584.0, 3840.0, 4096.0], [384.0, 768.0, 1152.0, 1536.0, 1920.0, 2304.0, 2688.0, 3072.0, 3456.0, 3840.0, 4224.0, 4608.0, 4992.0, 5376.0, 5760.0, 6144.0], [512.0, 1024.0, 1536.0, 2048.0, 2560.0, 3072.0, 3584.0, 4096.0, 4608.0, 5120.0, 5632.0, 6144.0, 6656.0, 7168.0, 7680.0, 8192.0], [640.0, 1280.0, 1920.0, 2560.0, 3200.0, 3840.0, 4480.0, 5120.0, 5760.0, 6400.0, 7040.0, 7680.0, 8320.0, 8960.0, 9600.0, 10240.0], [768.0, 1536.0, 2304.0, 3072.0, 3840.0, 4608.0, 5376.0, 6144.0, 6912.0, 7680.0, 8448.0, 9216.0, 9984.0, 10752.0, 11520.0, 12288.0], [896.0, 1792.0, 2688.0, 3584.0, 4480.0, 5376.0, 6272.0, 7168.0, 8064.0, 8960.0, 9856.0, 10752.0, 11648.0, 12544.0, 13440.0, 14336.0], [1024.0, 2048.0, 3072.0, 4096.0, 5120.0, 6144.0, 7168.0, 8192.0, 9216.0, 10240.0, 11264.0, 12288.0, 13312.0, 14336.0, 15360.0, 16384.0], [1152.0, 2304.0, 3456.0, 4608.0, 5760.0, 6912.0, 8064.0, 9216.0, 10368.0, 11520.0, 12672.0, 13824.0, 14976.0, 16128.0, 17280.0, 18432.0]]> : tensor<9x16xf32> : tensor<9x16xf32>
  return
}
