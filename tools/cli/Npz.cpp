#include "tools/cli/Npz.h"

#include "compiler/Errors.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"

#include <zlib.h>

using namespace tw;
using namespace tw::cli;
using llvm::StringRef;

namespace {
struct Entry {
  StringRef name;
  uint16_t method;
  uint32_t checksum, packedSize, size, offset;
};

/// A zip archive in memory, as its central directory tells. Reads nothing
/// outside of `bytes`.
class Archive {
public:
  Archive(StringRef path, StringRef bytes) : path(path), bytes(bytes) {}

  llvm::Expected<std::vector<Entry>> entries() const;
  /// What follows the entry's local header.
  llvm::Expected<StringRef> packed(const Entry &entry) const;
  llvm::Error malformed(const char *what) const {
    return userError(path, ": expected an archive of numpy arrays, found ",
                     what);
  }

private:
  static constexpr size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30;

  uint16_t u16(size_t at) const {
    return llvm::support::endian::read16le(bytes.data() + at);
  }
  uint32_t u32(size_t at) const {
    return llvm::support::endian::read32le(bytes.data() + at);
  }
  bool holds(size_t at, size_t size) const {
    return at <= bytes.size() && size <= bytes.size() - at;
  }
  Entry entryAt(size_t at) const {
    return {bytes.substr(at + kEntrySize, u16(at + 28)),
            u16(at + 10),
            u32(at + 16),
            u32(at + 20),
            u32(at + 24),
            u32(at + 42)};
  }

  StringRef path, bytes;
};
} // namespace

llvm::Expected<std::vector<Entry>> Archive::entries() const {
  size_t end = bytes.rfind(StringRef("PK\5\6", 4));
  if (end == StringRef::npos || !holds(end, kEndSize))
    return malformed("no end of one (truncated?)");
  std::vector<Entry> list;
  size_t at = u32(end + 16);
  for (uint16_t i = 0; i < u16(end + 10); ++i) {
    if (!holds(at, kEntrySize) || u32(at) != 0x02014b50 ||
        !holds(at + kEntrySize, u16(at + 28)))
      return malformed("a directory that is none");
    list.push_back(entryAt(at));
    at += kEntrySize + u16(at + 28) + u16(at + 30) + u16(at + 32);
  }
  return list;
}

llvm::Expected<StringRef> Archive::packed(const Entry &entry) const {
  if (entry.size == UINT32_MAX || entry.packedSize == UINT32_MAX)
    return malformed("an array of 4 GB or more (give it as .npy)");
  if (!holds(entry.offset, kLocalSize))
    return malformed("an array outside of the file");
  size_t start = entry.offset + kLocalSize + u16(entry.offset + 26) +
                 u16(entry.offset + 28);
  if (!holds(start, entry.packedSize))
    return malformed("an array outside of the file");
  return bytes.substr(start, entry.packedSize);
}

static bool inflateInto(StringRef packed, char *memory, size_t size) {
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return false;
  stream.next_in = const_cast<Bytef *>(packed.bytes_begin());
  stream.avail_in = packed.size();
  stream.next_out = reinterpret_cast<Bytef *>(memory);
  stream.avail_out = size;
  int status = inflate(&stream, Z_FINISH);
  bool whole = status == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  return whole;
}

static bool unpackInto(const Entry &entry, StringRef packed, char *memory) {
  constexpr uint16_t stored = 0, deflated = 8;
  bool good = false;
  if (entry.method == stored && packed.size() == entry.size) {
    memcpy(memory, packed.data(), packed.size());
    good = true;
  } else if (entry.method == deflated) {
    good = inflateInto(packed, memory, entry.size);
  }
  auto *bytes = reinterpret_cast<const Bytef *>(memory);
  return good && crc32(0, bytes, entry.size) == entry.checksum;
}

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openFile(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return userError(path, ": ", file.getError().message());
  return std::move(*file);
}

static StringRef arrayName(const Entry &entry) {
  StringRef name = entry.name;
  name.consume_back(".npy");
  return name;
}

llvm::Expected<std::vector<std::string>> cli::listNpz(const std::string &path) {
  auto file = openFile(path);
  if (!file)
    return file.takeError();
  auto entries = Archive(path, (*file)->getBuffer()).entries();
  if (!entries)
    return entries.takeError();
  std::vector<std::string> names;
  for (const Entry &entry : *entries)
    names.push_back(arrayName(entry).str());
  return names;
}

static llvm::Error noSuchArray(StringRef path, StringRef name,
                               llvm::ArrayRef<Entry> entries) {
  std::string names;
  for (const Entry &entry : entries)
    names += (names.empty() ? "'" : ", '") + arrayName(entry).str() + "'";
  return userError(path, ": expected an array '", name, "', found ",
                   names.empty() ? "none" : names);
}

llvm::Error cli::readNpz(const std::string &path, StringRef name,
                         Buffer &content) {
  auto file = openFile(path);
  if (!file)
    return file.takeError();
  Archive archive(path, (*file)->getBuffer());
  auto entries = archive.entries();
  if (!entries)
    return entries.takeError();
  auto entry = llvm::find_if(
      *entries, [&](const Entry &e) { return arrayName(e) == name; });
  if (entry == entries->end())
    return noSuchArray(path, name, *entries);
  auto packed = archive.packed(*entry);
  if (!packed)
    return packed.takeError();
  if (!content.reserve(entry->size))
    return userError(path, ": not enough memory for the array '", name, "'");
  if (!unpackInto(*entry, *packed, content.data()))
    return archive.malformed("a damaged array");
  return llvm::Error::success();
}
