// ldmatrix, stmatrix and movmatrix.
#include "test/unit/emulator/Device.h"

using namespace tw::emu::test;

namespace {

const std::string kShared = ".shared .align 128 .b8 smem[4096];\n";

/// %r0: thread, %r1: smem, %rd11: p0 + 4 * thread.
const std::string kStart =
    "mov.u32 %r0, %tid.x;\nmov.u32 %r1, smem;\nmul.wide.u32 %rd10, %r0, 4;\n"
    "add.u64 %rd11, %rd0, %rd10;\n";

/// Element e of thread t's 16-bit pair number r of matrix m, whose element
/// (row, column) is 1000 m + 10 row + column.
uint16_t expected(int m, int lane, int half, bool transpose) {
  int row = lane / 4, column = lane % 4 * 2 + half;
  if (transpose)
    std::swap(row, column);
  return static_cast<uint16_t>(1000 * m + 10 * row + column);
}

/// Four matrices of rows that are `pitch` bytes apart.
std::vector<uint16_t> rows(int pitch) {
  std::vector<uint16_t> memory(static_cast<size_t>(32 * pitch / 2));
  for (int m = 0; m < 4; ++m)
    for (int row = 0; row < 8; ++row)
      for (int column = 0; column < 8; ++column)
        memory[static_cast<size_t>((m * 8 + row) * pitch / 2 + column)] =
            static_cast<uint16_t>(1000 * m + 10 * row + column);
  return memory;
}

/// Copies p1's image to shared memory.
std::string fill(int bytes) {
  std::string s = "add.u64 %rd12, %rd1, %rd10;\nshl.b32 %r2, %r0, 2;\n"
                  "add.u32 %r2, %r1, %r2;\n";
  for (int at = 0; at < bytes; at += 128)
    s += "ld.global.b32 %r3, [%rd12+" + std::to_string(at) +
         "];\nst.shared.b32 [%r2+" + std::to_string(at) + "], %r3;\n";
  return s + "bar.warp.sync -1;\n";
}

std::string registers(int count) {
  std::string s = "{";
  for (int i = 0; i < count; ++i)
    s += (i ? ", %r" : "%r") + std::to_string(20 + i);
  return s + "}";
}

/// Shared addresses of the rows, in %r4.
std::string rowAddress(int pitch) {
  return "mad.lo.u32 %r4, %r0, " + std::to_string(pitch) + ", %r1;\n";
}

TEST(LoadMatrix, EveryNumberAndTransposition) {
  for (int number : {1, 2, 4})
    for (bool transpose : {false, true})
      for (std::string space : {".shared", ".shared::cta", ""}) {
        std::string body = kStart + fill(512) + rowAddress(16);
        std::string address = "%r4";
        if (space.empty()) {
          body += "cvt.u64.u32 %rd13, %r4;\ncvta.shared.u64 %rd13, %rd13;\n";
          address = "%rd13";
        }
        body += "ldmatrix.sync.aligned.m8n8.x" + std::to_string(number) +
                (transpose ? ".trans" : "") + space + ".b16 " +
                registers(number) + ", [" + address + "];\n";
        for (int r = 0; r < number; ++r)
          body += "st.global.b32 [%rd11+" + std::to_string(r * 128) + "], %r" +
                  std::to_string(20 + r) + ";\n";
        Device device;
        auto image = rows(16);
        uint64_t in = device.upload(image), out = device.room(512);
        ASSERT_EQ(device.run(kernel(2, body, kShared), {}, {out, in}), kNone)
            << device.texts;
        auto found =
            device.download<uint16_t>(out, static_cast<size_t>(number) * 64);
        for (int m = 0; m < number; ++m)
          for (int lane = 0; lane < 32; ++lane)
            for (int half = 0; half < 2; ++half)
              ASSERT_EQ(found[static_cast<size_t>(m * 64 + lane * 2 + half)],
                        expected(m, lane, half, transpose));
      }
}

TEST(StoreMatrix, EveryNumberAndTransposition) {
  for (int number : {1, 2, 4})
    for (bool transpose : {false, true}) {
      std::string body =
          kStart + rowAddress(16) + "add.u64 %rd12, %rd1, %rd10;\n";
      for (int r = 0; r < number; ++r)
        body += "ld.global.b32 %r" + std::to_string(20 + r) + ", [%rd12+" +
                std::to_string(r * 128) + "];\n";
      body += "stmatrix.sync.aligned.m8n8.x" + std::to_string(number) +
              (transpose ? ".trans" : "") + ".shared.b16 [%r4], " +
              registers(number) + ";\nbar.warp.sync -1;\n" +
              "shl.b32 %r2, %r0, 2;\nadd.u32 %r2, %r1, %r2;\n";
      for (int r = 0; r < number; ++r)
        body += "ld.shared.b32 %r3, [%r2+" + std::to_string(r * 128) +
                "];\nst.global.b32 [%rd11+" + std::to_string(r * 128) +
                "], %r3;\n";
      std::vector<uint16_t> fragments;
      for (int m = 0; m < number; ++m)
        for (int lane = 0; lane < 32; ++lane)
          for (int half = 0; half < 2; ++half)
            fragments.push_back(expected(m, lane, half, transpose));
      Device device;
      uint64_t in = device.upload(fragments), out = device.room(512);
      ASSERT_EQ(device.run(kernel(2, body, kShared), {}, {out, in}), kNone)
          << device.texts;
      auto found =
          device.download<uint16_t>(out, static_cast<size_t>(number) * 64);
      auto want = rows(16);
      want.resize(found.size());
      EXPECT_EQ(found, want);
    }
}

TEST(MoveMatrix, Transposes) {
  std::string body = kStart +
                     "add.u64 %rd12, %rd1, %rd10;\nld.global.b32 %r20, "
                     "[%rd12];\nmovmatrix.sync.aligned.m8n8.trans.b16 %r21, "
                     "%r20;\nst.global.b32 [%rd11], %r21;\n";
  std::vector<uint16_t> fragment;
  for (int lane = 0; lane < 32; ++lane)
    for (int half = 0; half < 2; ++half)
      fragment.push_back(expected(0, lane, half, false));
  Device device;
  uint64_t in = device.upload(fragment), out = device.room(128);
  ASSERT_EQ(device.run(kernel(2, body, kShared), {}, {out, in}), kNone)
      << device.texts;
  auto found = device.download<uint16_t>(out, 64);
  for (int lane = 0; lane < 32; ++lane)
    for (int half = 0; half < 2; ++half)
      EXPECT_EQ(found[static_cast<size_t>(lane * 2 + half)],
                expected(0, lane, half, true));
}

/// The number after a name in the counters.
long counter(Device &device, const std::string &name) {
  std::string json = tw_emulator_counters(device.handle());
  size_t at = json.find("\"" + name + "\":");
  return at == json.npos ? -1 : std::stol(json.substr(at + name.size() + 3));
}

TEST(LoadMatrix, BankConflictsFollowTheRowsPitch) {
  // Rows 16 bytes apart fill all banks; 128 apart, all eight meet in four.
  for (auto [pitch, conflicts] :
       {std::pair{16, 0}, {128, 7}, {144, 0}, {64, 3}}) {
    Device device;
    uint64_t out = device.room(128);
    std::vector<uint8_t> zeros(4096);
    std::string body = kStart + fill(4096) +
                       "and.b32 %r5, %r0, 7;\nmad.lo.u32 %r4, %r5, " +
                       std::to_string(pitch) + ", %r1;\n";
    tw_emulator_clear_counters(device.handle());
    uint64_t in = device.upload(zeros);
    ASSERT_EQ(device.run(kernel(2, body, kShared), {}, {out, in}), kNone)
        << device.texts;
    long before = counter(device, "bank_conflicts");
    body += "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r20}, [%r4];\n";
    tw_emulator_clear_counters(device.handle());
    ASSERT_EQ(device.run(kernel(2, body, kShared), {}, {out, in}), kNone)
        << device.texts;
    EXPECT_EQ(counter(device, "bank_conflicts") - before, conflicts) << pitch;
  }
}

TEST(LoadMatrix, Findings) {
  Device device;
  auto run = [&](const std::string &address, const std::string &before) {
    std::string body = kStart + before + rowAddress(16) + address +
                       "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r20, %r21, "
                       "%r22, %r23}, [%r4];\nst.global.b32 [%rd11], %r20;\n";
    auto image = rows(16);
    uint64_t in = device.upload(image), out = device.room(128);
    return device.run(kernel(2, body, kShared), {}, {out, in});
  };
  EXPECT_EQ(run("", fill(512)), kNone) << device.texts;
  EXPECT_EQ(run("add.u32 %r4, %r4, 8;\n", fill(512)), Kinds{"misaligned"});
  EXPECT_EQ(run("add.u32 %r4, %r4, 4096;\n", fill(512)),
            Kinds{"out-of-bounds"});
  EXPECT_EQ(run("", ""), Kinds{"uninitialised"});
}

} // namespace
