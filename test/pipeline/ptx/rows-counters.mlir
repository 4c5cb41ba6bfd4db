// RUN: tilewright-check --target=ptx --counters %s | FileCheck %s
// RUN: tilewright-check --target=ptx --print-ptx --static-only %s | FileCheck %s --check-prefix=PTX

// One launch that reads the matrix once and writes it once, in whole sectors, whether the sizes are known while compiling or at
// run time: by a warp for each row, and by a block.
// PTX: // ---- test_by_warp: 1 parts
// CHECK: "kernel": "test_by_warp_p0", "launches": 1
// CHECK-SAME: "global_read_bytes": 262144, "global_write_bytes": 262144, "global_read_sectors": 8192, "global_write_sectors": 8192
// CHECK-NOT: test_by_warp_p1
// CHECK: "kernel": "test_by_warp_p0"
// CHECK-SAME: "global_read_bytes": 262144, "global_write_bytes": 262144, "global_read_sectors": 8192, "global_write_sectors": 8192
// CHECK-NOT: test_by_warp
func.func @by_warp() {
  %a = nn.constant dense<0.5> : tensor<64x1024xf32>
  %c = nn.softmax %a : (tensor<64x1024xf32>) -> tensor<64x1024xf32>
  check.expect_close %c, dense<0.0009765625> : tensor<64x1024xf32> : tensor<64x1024xf32>
  return
}

// PTX: // ---- test_by_block: 1 parts
// CHECK: "kernel": "test_by_block_p0", "launches": 1
// CHECK-SAME: "global_read_bytes": 65536, "global_write_bytes": 65536, "global_read_sectors": 2048, "global_write_sectors": 2048
// CHECK-NOT: test_by_block_p0
// CHECK: "kernel": "test_by_block_p1"
// CHECK-SAME: "global_read_bytes": 65536, "global_write_bytes": 65536, "global_read_sectors": 2048, "global_write_sectors": 2048
// CHECK-NOT: test_by_block
func.func @by_block() {
  %a = nn.constant dense<0.5> : tensor<4x8192xf16>
  %c = nn.softmax %a : (tensor<4x8192xf16>) -> tensor<4x8192xf16>
  check.expect_close %c, dense<0.00012207031> : tensor<4x8192xf16> : tensor<4x8192xf16>
  return
}
