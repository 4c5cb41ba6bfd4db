// RUN: tilewright-check --target=ptx:sm_90a --counters %s | FileCheck %s
// RUN: tilewright-check --target=ptx:sm_90a --input-offset=8 --counters %s | FileCheck %s --check-prefix=OFFSET

// Tensor maps and products of 64 x 32 x 16 by wgmma; for sizes known at run time only 64 x 128 x 16, of which half are of no use.
// CHECK: "kernel": "test_tile_p0"
// CHECK-SAME: "tensor_instructions": 32,
// CHECK-SAME: "async_bytes": 65536, "global_read_bytes": 65536, "global_write_bytes": 8192,
// CHECK-SAME: "bank_conflicts": 0,
// CHECK-NOT: _p1
// CHECK: "kernel": "test_tile_p0"
// CHECK-SAME: "tensor_instructions": 32,
// CHECK-SAME: "bank_conflicts": 0,
// CHECK-NOT: _p1

// Eight bytes further there are no tensor maps: the second part runs, whose warpgroups multiply 64 x 64 x 16 or 64 x 128 x 16.
// OFFSET-NOT: _p0
// OFFSET: "kernel": "test_tile_p1"
// OFFSET-SAME: "tensor_instructions": 16,
// OFFSET-NOT: _p0
// OFFSET: "kernel": "test_tile_p1"
// OFFSET-SAME: "tensor_instructions": 32,
func.func @tile() {
  %a = nn.constant dense<0.5> : tensor<64x256xf16>
  %b = nn.constant dense<0.25> : tensor<256x64xf16>
  %c = nn.matmul %a, %b : (tensor<64x256xf16>, tensor<256x64xf16>) -> tensor<64x64xf16>
  check.expect_close %c, dense<32.0> : tensor<64x64xf16> : tensor<64x64xf16>
  return
}
