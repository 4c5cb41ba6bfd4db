// RUN: tilewright-check --target=ptx %s
// RUN: tilewright-check --target=ptx --static-only --function f16_64 --dump-ir=split-parts %s 2>&1 | FileCheck %s
// RUN: tilewright-check --target=ptx --static-only --function count --counters %s | FileCheck %s --check-prefix=COUNT

// One launch, and no workspace: scores lie in registers only. The last number is the workspace's size.
// CHECK: func.func @test_f16_64_grid() -> (index, index, index, index)
// CHECK: %[[NONE:.*]] = arith.constant 0 : index
// CHECK: return %{{.*}}, %{{.*}}, %{{.*}}, %[[NONE]]
// CHECK: @test_f16_64_p0
// CHECK-NOT: memref.alloc
// CHECK-NOT: @test_f16_64_p1

// A diagonal: 3 of 4 blocks of 128 x 128 scores, each with two products of depth 64, in instructions of 16 x 8 x 16.
// COUNT: "tensor_instructions": 6144,
// COUNT: "bank_conflicts": 0,
func.func @count() {
  %q = nn.constant dense<0.5> : tensor<1x2x256x64xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x256x64xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x256x64xf16>, tensor<1x2x256x64xf16>, tensor<1x2x256x64xf16>) -> tensor<1x2x256x64xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x256x64xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x256x64xf16>
  return
}

// Keys shared by blocks.
func.func @shared() {
  %q = nn.constant dense<0.5> : tensor<1x2x1x64xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x600x64xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>} : (tensor<1x2x1x64xf16>, tensor<1x2x600x64xf16>, tensor<1x2x600x64xf16>) -> tensor<1x2x1x64xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x1x64xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x1x64xf16>
  return
}

func.func @f32_32() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x32xf32>
  %k = nn.constant dense<0.25> : tensor<1x2x130x32xf32>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x32xf32>, tensor<1x2x130x32xf32>, tensor<1x2x130x32xf32>) -> tensor<1x2x130x32xf32>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x32xf32> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x32xf32>
  return
}

func.func @f32_64() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x64xf32>
  %k = nn.constant dense<0.25> : tensor<1x2x130x64xf32>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x64xf32>, tensor<1x2x130x64xf32>, tensor<1x2x130x64xf32>) -> tensor<1x2x130x64xf32>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x64xf32> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x64xf32>
  return
}

func.func @f32_80() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x80xf32>
  %k = nn.constant dense<0.25> : tensor<1x2x130x80xf32>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x80xf32>, tensor<1x2x130x80xf32>, tensor<1x2x130x80xf32>) -> tensor<1x2x130x80xf32>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x80xf32> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x80xf32>
  return
}

func.func @f32_128() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x128xf32>
  %k = nn.constant dense<0.25> : tensor<1x2x130x128xf32>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x128xf32>, tensor<1x2x130x128xf32>, tensor<1x2x130x128xf32>) -> tensor<1x2x130x128xf32>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x128xf32> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x128xf32>
  return
}

func.func @f32_256() {
  %q = nn.constant dense<0.5> : tensor<1x2x40x256xf32>
  %k = nn.constant dense<0.25> : tensor<1x2x40x256xf32>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x40x256xf32>, tensor<1x2x40x256xf32>, tensor<1x2x40x256xf32>) -> tensor<1x2x40x256xf32>
  check.expect_close %y, dense<0.25> : tensor<1x2x40x256xf32> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x40x256xf32>
  return
}

func.func @f32_512() {
  %q = nn.constant dense<0.5> : tensor<1x2x40x512xf32>
  %k = nn.constant dense<0.25> : tensor<1x2x40x512xf32>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x40x512xf32>, tensor<1x2x40x512xf32>, tensor<1x2x40x512xf32>) -> tensor<1x2x40x512xf32>
  check.expect_close %y, dense<0.25> : tensor<1x2x40x512xf32> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x40x512xf32>
  return
}

func.func @f16_32() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x32xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x32xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x32xf16>, tensor<1x2x130x32xf16>, tensor<1x2x130x32xf16>) -> tensor<1x2x130x32xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x32xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x32xf16>
  return
}

func.func @f16_64() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x64xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x64xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x64xf16>, tensor<1x2x130x64xf16>, tensor<1x2x130x64xf16>) -> tensor<1x2x130x64xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x64xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x64xf16>
  return
}

func.func @f16_80() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x80xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x80xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x80xf16>, tensor<1x2x130x80xf16>, tensor<1x2x130x80xf16>) -> tensor<1x2x130x80xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x80xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x80xf16>
  return
}

func.func @f16_128() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x128xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x128xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x128xf16>, tensor<1x2x130x128xf16>, tensor<1x2x130x128xf16>) -> tensor<1x2x130x128xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x128xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x128xf16>
  return
}

func.func @f16_256() {
  %q = nn.constant dense<0.5> : tensor<1x2x40x256xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x40x256xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x40x256xf16>, tensor<1x2x40x256xf16>, tensor<1x2x40x256xf16>) -> tensor<1x2x40x256xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x40x256xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x40x256xf16>
  return
}

func.func @f16_512() {
  %q = nn.constant dense<0.5> : tensor<1x2x40x512xf16>
  %k = nn.constant dense<0.25> : tensor<1x2x40x512xf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x40x512xf16>, tensor<1x2x40x512xf16>, tensor<1x2x40x512xf16>) -> tensor<1x2x40x512xf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x40x512xf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x40x512xf16>
  return
}

func.func @bf16_32() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x32xbf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x32xbf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x32xbf16>, tensor<1x2x130x32xbf16>, tensor<1x2x130x32xbf16>) -> tensor<1x2x130x32xbf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x32xbf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x32xbf16>
  return
}

func.func @bf16_64() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x64xbf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x64xbf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x64xbf16>, tensor<1x2x130x64xbf16>, tensor<1x2x130x64xbf16>) -> tensor<1x2x130x64xbf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x64xbf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x64xbf16>
  return
}

func.func @bf16_80() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x80xbf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x80xbf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x80xbf16>, tensor<1x2x130x80xbf16>, tensor<1x2x130x80xbf16>) -> tensor<1x2x130x80xbf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x80xbf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x80xbf16>
  return
}

func.func @bf16_128() {
  %q = nn.constant dense<0.5> : tensor<1x2x130x128xbf16>
  %k = nn.constant dense<0.25> : tensor<1x2x130x128xbf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x130x128xbf16>, tensor<1x2x130x128xbf16>, tensor<1x2x130x128xbf16>) -> tensor<1x2x130x128xbf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x130x128xbf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x130x128xbf16>
  return
}

func.func @bf16_256() {
  %q = nn.constant dense<0.5> : tensor<1x2x40x256xbf16>
  %k = nn.constant dense<0.25> : tensor<1x2x40x256xbf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x40x256xbf16>, tensor<1x2x40x256xbf16>, tensor<1x2x40x256xbf16>) -> tensor<1x2x40x256xbf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x40x256xbf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x40x256xbf16>
  return
}

func.func @bf16_512() {
  %q = nn.constant dense<0.5> : tensor<1x2x40x512xbf16>
  %k = nn.constant dense<0.25> : tensor<1x2x40x512xbf16>
  %y = nn.attention %q, %k, %k {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x2x40x512xbf16>, tensor<1x2x40x512xbf16>, tensor<1x2x40x512xbf16>) -> tensor<1x2x40x512xbf16>
  check.expect_close %y, dense<0.25> : tensor<1x2x40x512xbf16> {rtol = 1.0e-6, atol = 1.0e-6} : tensor<1x2x40x512xbf16>
  return
}
