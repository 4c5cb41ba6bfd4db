// An emulated device for tests: kernels as PTX text, buffers as vectors.
#pragma once

#include "runtime/emulator/emulator.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace tw::emu::test {

/// A parameter's bytes.
struct Param {
  std::vector<uint8_t> bytes;
  template <class T>
  Param(const T &value) : bytes(sizeof value) {
    std::memcpy(bytes.data(), &value, sizeof value);
  }
};

struct Shape {
  uint32_t grid = 1, block = 32, cluster = 1, shared = 0, gridY = 1;
};

class Device {
public:
  explicit Device(uint64_t seed = 1) : device(tw_emulator_create(seed)) {
    EXPECT_NE(device, nullptr);
  }
  ~Device() { tw_emulator_destroy(device); }
  Device(const Device &) = delete;

  tw_emulator *handle() { return device; }

  template <class T>
  uint64_t upload(const std::vector<T> &values) {
    uint64_t bytes = values.size() * sizeof(T), address = 0;
    EXPECT_EQ(tw_emulator_alloc(device, bytes, &address), TW_EMULATOR_OK);
    EXPECT_EQ(tw_emulator_write(device, address, values.data(), bytes),
              TW_EMULATOR_OK);
    return address;
  }
  /// Room for results that nobody has written yet.
  uint64_t room(uint64_t bytes) {
    uint64_t address = 0;
    EXPECT_EQ(tw_emulator_alloc(device, bytes, &address), TW_EMULATOR_OK);
    return address;
  }
  template <class T>
  std::vector<T> download(uint64_t address, size_t count) {
    std::vector<T> values(count);
    EXPECT_EQ(
        tw_emulator_read(device, address, values.data(), count * sizeof(T)),
        TW_EMULATOR_OK);
    return values;
  }

  /// Runs the entry "k" of the text and returns the kinds of its findings, each
  /// once, in order; a text that cannot be loaded gives its error.
  std::vector<std::string> run(const std::string &text, const Shape &shape,
                               const std::vector<Param> &params) {
    tw_emulator_clear_findings(device);
    tw_emulator_module *module = nullptr;
    if (tw_emulator_load(device, "test", text.data(), text.size(), &module))
      return {std::string("load: ") + tw_emulator_error(device)};
    std::vector<const void *> pointers;
    for (const Param &param : params)
      pointers.push_back(param.bytes.data());
    tw_emulator_launch launch = {};
    launch.module = module;
    launch.entry = "k";
    for (int i = 0; i < 3; ++i)
      launch.grid[i] = launch.block[i] = launch.cluster[i] = 1;
    launch.grid[0] = shape.grid;
    launch.grid[1] = shape.gridY;
    launch.block[0] = shape.block;
    launch.cluster[0] = shape.cluster;
    launch.shared_bytes = shape.shared;
    launch.params = pointers.data();
    tw_emulator_status status = tw_emulator_run(device, &launch);
    std::vector<std::string> kinds = collect();
    if (status && status != TW_EMULATOR_FINDINGS)
      kinds.push_back(std::string("run: ") + tw_emulator_error(device));
    tw_emulator_unload(device, module);
    return kinds;
  }
  /// The findings' texts of the last run, for messages and for checks.
  std::string texts;

private:
  std::vector<std::string> collect() {
    std::vector<std::string> kinds;
    texts.clear();
    for (int i = 0; i < tw_emulator_finding_count(device); ++i) {
      const tw_emulator_finding *finding = tw_emulator_get_finding(device, i);
      kinds.push_back(finding->kind);
      texts += std::string(finding->kind) + ": line " +
               std::to_string(finding->line) + ": " + finding->text + "\n";
    }
    return kinds;
  }
  tw_emulator *device;
};

/// A module with one entry "k" of u64 parameters p0, p1, … that are loaded into
/// %rd0, %rd1, …; registers %rd, %r, %f, %p, %h, %fd beyond are the body's.
inline std::string kernel(int params, const std::string &body,
                          const std::string &before = "") {
  std::string text = ".version 8.6\n.target sm_90a\n.address_size 64\n" +
                     before + ".visible .entry k(";
  for (int i = 0; i < params; ++i)
    text += (i ? ", .param .u64 p" : ".param .u64 p") + std::to_string(i);
  text += ")\n{\n.reg .b64 %rd<64>;\n.reg .b32 %r<400>;\n.reg .f32 %f<300>;\n"
          ".reg .f64 %fd<64>;\n.reg .b16 %h<16>;\n.reg .pred %p<16>;\n";
  for (int i = 0; i < params; ++i)
    text += "ld.param.u64 %rd" + std::to_string(i) + ", [p" +
            std::to_string(i) + "];\n";
  return text + body + "ret;\n}\n";
}

using Kinds = std::vector<std::string>;
const Kinds kNone;

} // namespace tw::emu::test
