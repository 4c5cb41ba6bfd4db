// .npy files as bytes with a header: the emulator does not ask what they mean.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace tw::emu {

/// What the user can mend.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Array {
  /// The file up to its data.
  std::string header;
  std::vector<uint8_t> data;
};

std::string readFile(const std::string &path);
Array readArray(const std::string &path);
/// `type` as PTX spells it ("f32"), `shape` as 4x128. Zeros.
Array makeArray(const std::string &type, const std::string &shape);
void writeArray(const std::string &path, const Array &array);

} // namespace tw::emu
