#include "runtime/emulator/tool/Arrays.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

using namespace tw::emu;

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicSize = 6;

std::string tw::emu::readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file)
    throw UsageError(path + ": " + std::strerror(errno ? errno : EIO));
  return std::move(text).str();
}

/// The bytes of the data that the header tells of.
static uint64_t dataBytes(const std::string &path, const std::string &header) {
  size_t descr = header.find("'descr': '"), shape = header.find("'shape': (");
  if (descr == header.npos || shape == header.npos)
    throw UsageError(path + ": no .npy file that can be read here");
  if (header.find("'fortran_order': False") == header.npos)
    throw UsageError(path + ": expected an array in C order");
  size_t end = header.find('\'', descr + 10);
  std::string type = header.substr(descr + 10, end - descr - 10);
  size_t digit = type.find_first_of("0123456789");
  if (type.empty() || type[0] == '>' || digit == type.npos)
    throw UsageError(path + ": unsupported element type " + type);
  uint64_t bytes = std::strtoull(type.c_str() + digit, nullptr, 10);
  const char *at = header.c_str() + shape + 10;
  while (*at != ')' && *at) {
    char *next;
    uint64_t size = std::strtoull(at, &next, 10);
    if (next == at)
      throw UsageError(path + ": a damaged .npy header");
    if (__builtin_mul_overflow(bytes, size, &bytes))
      throw UsageError(path + ": an array that large");
    at = next + std::strspn(next, ", ");
  }
  return bytes;
}

Array tw::emu::readArray(const std::string &path) {
  std::string file = readFile(path);
  size_t start = 10;
  if (file.size() < start || file.compare(0, kMagicSize, kMagic))
    throw UsageError(path + ": no .npy file");
  uint64_t length = uint8_t(file[8]) | uint64_t(uint8_t(file[9])) << 8;
  if (file[6] >= 2 && file.size() >= 12) {
    length |= uint64_t(uint8_t(file[10])) << 16 | uint64_t(uint8_t(file[11]))
                                                      << 24;
    start = 12;
  }
  if (file.size() - start < length)
    throw UsageError(path + ": the file is cut off");
  Array array;
  array.header = file.substr(0, start + length);
  uint64_t bytes = dataBytes(path, array.header);
  if (file.size() - start - length < bytes)
    throw UsageError(path + ": the file is cut off");
  const char *data = file.data() + start + length;
  array.data.assign(data, data + bytes);
  return array;
}

Array tw::emu::makeArray(const std::string &type, const std::string &shape) {
  static const std::map<std::string, std::pair<const char *, unsigned>> kTypes{
      {"f16", {"<f2", 2}},  {"f32", {"<f4", 4}}, {"f64", {"<f8", 8}},
      {"bf16", {"|V2", 2}}, {"s8", {"|i1", 1}},  {"i8", {"|i1", 1}},
      {"s16", {"<i2", 2}},  {"i16", {"<i2", 2}}, {"s32", {"<i4", 4}},
      {"i32", {"<i4", 4}},  {"s64", {"<i8", 8}}, {"i64", {"<i8", 8}},
      {"u8", {"|u1", 1}},   {"u16", {"<u2", 2}}, {"u32", {"<u4", 4}},
      {"u64", {"<u8", 8}}};
  auto found = kTypes.find(type);
  if (found == kTypes.end())
    throw UsageError("unknown element type '" + type +
                     "'; expected one such as f32, f16, bf16, s32 or u8");
  uint64_t bytes = found->second.second;
  std::string sizes;
  for (size_t at = 0; at <= shape.size();) {
    size_t end = std::min(shape.find('x', at), shape.size());
    uint64_t size = 0;
    auto [last, error] =
        std::from_chars(shape.data() + at, shape.data() + end, size);
    if (error != std::errc() || last != shape.data() + end ||
        __builtin_mul_overflow(bytes, size, &bytes) || bytes > 1ull << 40)
      throw UsageError("'" + shape + "' is no shape such as 4x128");
    sizes += std::to_string(size) + ",";
    at = end + 1;
  }
  std::string text = std::string("{'descr': '") + found->second.first +
                     "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  text.resize((text.size() + 10 + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  text += '\n';
  Array array;
  array.header = std::string(kMagic, kMagicSize) + '\1' + '\0' +
                 char(text.size() & 255) + char(text.size() >> 8) + text;
  array.data.resize(bytes);
  return array;
}

void tw::emu::writeArray(const std::string &path, const Array &array) {
  std::ofstream file(path, std::ios::binary);
  file << array.header;
  file.write(reinterpret_cast<const char *>(array.data.data()),
             std::streamsize(array.data.size()));
  file.flush();
  if (file)
    return;
  std::string why = std::strerror(errno);
  std::remove(path.c_str());
  throw UsageError(path + ": " + why);
}
