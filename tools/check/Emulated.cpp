#include "tools/check/Emulated.h"

#include "compiler/Errors.h"
#include "compiler/target/cpu/KernelRunner.h"
#include "runtime/emulator/emulator.h"

using namespace tw;

namespace {

class Device {
public:
  Device() : device(tw_emulator_create(/*seed=*/1)) {}
  ~Device() {
    if (device)
      tw_emulator_destroy(device);
  }

  llvm::Error check(tw_emulator_status status) const {
    if (status == TW_EMULATOR_OK)
      return llvm::Error::success();
    return compilerBug("emulator: ", device ? tw_emulator_error(device)
                                            : "cannot run on this CPU");
  }

  llvm::Error load(const PtxKernel &kernel) {
    if (!device)
      return check(TW_EMULATOR_INVALID);
    return check(tw_emulator_load(device, "kernel", kernel.ptx.data(),
                                  kernel.ptx.size(), &module));
  }

  llvm::Expected<uint64_t> alloc(uint64_t bytes) {
    uint64_t address = 0;
    if (llvm::Error error = check(
            tw_emulator_alloc(device, std::max<uint64_t>(bytes, 1), &address)))
      return std::move(error);
    return address;
  }

  llvm::Error launch(const std::string &entry, llvm::ArrayRef<int64_t> size,
                     llvm::ArrayRef<const void *> params) {
    tw_emulator_launch launch = {};
    launch.module = module;
    launch.entry = entry.c_str();
    launch.grid[0] = size[0];
    launch.block[0] = size[1];
    launch.shared_bytes = size[2];
    launch.grid[1] = launch.grid[2] = launch.block[1] = launch.block[2] = 1;
    launch.params = params.data();
    return check(tw_emulator_run(device, &launch));
  }

  tw_emulator *device;
  tw_emulator_module *module = nullptr;
};

/// A kernel's launches, one after the other.
class Launches {
public:
  Launches(Device &device, const PtxKernel &kernel, llvm::StringRef name)
      : device(device), kernel(kernel), name(name.str()),
        rows(4 * kernel.parts), maps(kernel.maps), encoded(kernel.maps) {}

  /// `buffers` are addresses of the device.
  llvm::Error run(std::vector<uint64_t> buffers, llvm::ArrayRef<int64_t> ints) {
    values = std::move(buffers);
    if (llvm::Error error = askHost(ints))
      return error;
    values.insert(values.end(), ints.begin(), ints.end());
    int64_t workspace = 0;
    for (size_t i = 3; i < rows.size(); i += 4)
      workspace = std::max(workspace, rows[i]);
    auto scratch = device.alloc(workspace);
    if (!scratch)
      return scratch.takeError();
    values.push_back(*scratch);
    return launchParts();
  }

private:
  /// Grids, and tensor maps.
  llvm::Error askHost(llvm::ArrayRef<int64_t> ints) {
    auto host = KernelRunner::load(kernel.gridObject);
    if (!host)
      return host.takeError();
    std::vector<void *> buffers;
    for (uint64_t address : values)
      buffers.push_back(reinterpret_cast<void *>(address));
    tw_args args{buffers.data(), ints.data()};
    if (llvm::Error error = (*host)->grid(name, args, rows))
      return error;
    if (llvm::Error error = (*host)->maps(name, args, maps))
      return error;
    for (auto [map, bytes] : llvm::zip_equal(maps, encoded))
      if (map.rank)
        if (llvm::Error error = device.check(tw_emulator_encode_tiled(
                device.device, bytes.data(), map.data_type, map.rank,
                values[map.buffer], map.dims, map.strides, map.box,
                map.element_strides, map.interleave, map.swizzle,
                map.l2_promotion, map.oob_fill)))
          return error;
    return llvm::Error::success();
  }

  llvm::Error launchParts() {
    std::vector<const void *> params;
    for (const uint64_t &value : values)
      params.push_back(&value);
    for (const MapBytes &bytes : encoded)
      params.push_back(bytes.data());
    for (int i = 0; i < kernel.parts; ++i) {
      llvm::ArrayRef<int64_t> row = llvm::ArrayRef(rows).slice(4 * i, 4);
      if (row[0] == 0)
        continue;
      if (llvm::Error error =
              device.launch((name + "_p" + llvm::Twine(i)).str(), row, params))
        return error;
    }
    return llvm::Error::success();
  }

  using MapBytes = std::array<char, TW_TENSOR_MAP_BYTES>;

  Device &device;
  const PtxKernel &kernel;
  std::string name;
  std::vector<int64_t> rows;
  std::vector<tw_tensor_map> maps;
  std::vector<MapBytes> encoded;
  std::vector<uint64_t> values;
};

} // namespace

llvm::Error tw::runOnEmulator(const PtxKernel &kernel, llvm::StringRef name,
                              llvm::ArrayRef<std::vector<char>> inputs,
                              llvm::ArrayRef<int64_t> ints,
                              llvm::MutableArrayRef<std::vector<char>> results,
                              int64_t inputOffset, std::string &counters) {
  Device device;
  if (llvm::Error error = device.load(kernel))
    return error;
  std::vector<uint64_t> buffers;
  auto add = [&](const std::vector<char> &bytes,
                 int64_t offset) -> llvm::Error {
    auto address = device.alloc(bytes.size() + offset);
    if (!address)
      return address.takeError();
    buffers.push_back(*address + offset);
    return llvm::Error::success();
  };
  for (const std::vector<char> &bytes : inputs) {
    if (llvm::Error error = add(bytes, inputOffset))
      return error;
    if (llvm::Error error = device.check(tw_emulator_write(
            device.device, buffers.back(), bytes.data(), bytes.size())))
      return error;
  }
  for (const std::vector<char> &bytes : results)
    if (llvm::Error error = add(bytes, 0))
      return error;
  if (llvm::Error error = Launches(device, kernel, name).run(buffers, ints))
    return error;
  for (auto [i, bytes] : llvm::enumerate(results))
    if (llvm::Error error = device.check(
            tw_emulator_read(device.device, buffers[inputs.size() + i],
                             bytes.data(), bytes.size())))
      return error;
  counters = tw_emulator_counters(device.device);
  return llvm::Error::success();
}
