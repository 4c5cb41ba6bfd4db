// RUN: tilewright-check --target=ptx --static-only --counters %s | FileCheck %s

// One tile of 64 x 64 x 256: as many tensor-core instructions of 16 x 8 x 16 as there must be, each operand read once, the
// result written once in whole sectors.
// CHECK: "tensor_instructions": 512,
// CHECK-SAME: "async_bytes": 65536, "global_read_bytes": 65536, "global_write_bytes": 8192,
// CHECK-SAME: "global_write_sectors": 256,
func.func @tile() {
  %a = nn.constant dense<0.5> : tensor<64x256xf16>
  %b = nn.constant dense<0.25> : tensor<256x64xf16>
  %c = nn.matmul %a, %b : (tensor<64x256xf16>, tensor<256x64xf16>) -> tensor<64x64xf16>
  check.expect_close %c, dense<32.0> : tensor<64x64xf16> : tensor<64x64xf16>
  return
}
