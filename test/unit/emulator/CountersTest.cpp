// What matrix products and asynchronous copies count.
#include "test/unit/emulator/Device.h"

using namespace tw::emu::test;

namespace {

bool counts(Device &device, const std::string &text) {
  std::string json = tw_emulator_counters(device.handle());
  EXPECT_NE(json.find(text), std::string::npos) << json;
  return json.find(text) != std::string::npos;
}

TEST(Counters, TensorOperationsByType) {
  Device device;
  std::string zeros;
  for (int i = 1; i < 9; ++i)
    zeros += "mov.b32 %r" + std::to_string(i) + ", 0;\n";
  EXPECT_EQ(
      device.run(
          kernel(0, zeros + "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
                            "{%r10, %r11, %r12, %r13}, {%r1, %r2, %r3, %r4}, "
                            "{%r5, %r6}, {%r1, %r2, %r3, %r4};\n"
                            "mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 "
                            "{%r10, %r11, %r12, %r13}, {%r1, %r2, %r3, %r4}, "
                            "{%r5, %r6}, {%r1, %r2, %r3, %r4};\n"),
          {2, 64}, {}),
      kNone);
  counts(device, "\"tensor_ops\": 49152");
  counts(device, "\"tensor_instructions\": 8");
  counts(device, "\"tensor_macs\": {\"f16\": 8192, \"u8\": 16384}");
}

TEST(Counters, AsyncBytesAndSectors) {
  Device device;
  // 32 lanes of 16 bytes, each in a sector of its own, three of them filled.
  uint64_t in = device.upload(std::vector<uint32_t>(512));
  EXPECT_EQ(
      device.run(kernel(1,
                        "mov.u32 %r0, %tid.x;\nmov.u32 %r1, smem;\n"
                        "mul.wide.u32 %rd1, %r0, 32;\nadd.u64 %rd1, %rd0, "
                        "%rd1;\nmad.lo.u32 %r1, %r0, 16, %r1;\n"
                        "setp.lt.u32 %p0, %r0, 3;\nselp.b32 %r2, 0, 16, %p0;\n"
                        "cp.async.cg.shared.global [%r1], [%rd1], 16, %r2;\n"
                        "cp.async.wait_all;\n",
                        ".shared .align 16 .b8 smem[512];\n"),
                 {}, {in}),
      kNone)
      << device.texts;
  counts(device, "\"async_bytes\": 464");
  counts(device, "\"global_read_bytes\": 464");
  counts(device, "\"global_read_sectors\": 29");
}

} // namespace
