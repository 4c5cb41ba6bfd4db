#include "compiler/Artifact.h"

#include "compiler/Errors.h"
#include "runtime/Weights.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cerrno>
#include <unistd.h>

using namespace tw;
using llvm::StringRef;
using Elf = llvm::object::ELF64LE;
using ElfFile = llvm::object::ELFFile<Elf>;

static constexpr uint64_t kPage = 4096;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

WeightPiece WeightPiece::ofBytes(StringRef bytes, uint64_t alignment) {
  return {bytes.size(), alignment,
          [bytes](WeightSink &sink) { return sink.write(bytes); }};
}

static llvm::Error copyRange(int fd, uint64_t offset, uint64_t size,
                             WeightSink &sink) {
  std::vector<char> buffer(std::min<uint64_t>(size, 1 << 20));
  while (size > 0) {
    ssize_t got = pread(fd, buffer.data(),
                        std::min<uint64_t>(size, buffer.size()), offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return userError("weights: the file ends, or cannot be read, ", size,
                       " bytes before their end");
    if (auto error = sink.write(StringRef(buffer.data(), got)))
      return error;
    offset += got;
    size -= got;
  }
  return llvm::Error::success();
}

WeightPiece WeightPiece::ofFile(int fd, uint64_t offset, uint64_t size,
                                uint64_t alignment) {
  return {size, alignment,
          [=](WeightSink &sink) { return copyRange(fd, offset, size, sink); }};
}

WeightLayout tw::layoutWeights(llvm::ArrayRef<WeightPiece> pieces) {
  WeightLayout layout;
  for (const WeightPiece &piece : pieces) {
    assert(llvm::isPowerOf2_64(piece.alignment) && piece.alignment <= kPage &&
           "the segment starts at a page");
    layout.offsets.push_back(llvm::alignTo(layout.size, piece.alignment));
    layout.size = layout.offsets.back() + piece.size;
  }
  return layout;
}

//===----------------------------------------------------------------------===//
// The weights' segment
//===----------------------------------------------------------------------===//

namespace {
/// Turns the linked image's reserved note into a last loadable segment that
/// lies behind the image in the file.
class WeightSegment {
public:
  WeightSegment(std::string &image, uint64_t size) : image(image), size(size) {}

  llvm::Error add() {
    auto file = ElfFile::create(image);
    if (!file)
      return file.takeError();
    auto sections = file->sections();
    if (!sections)
      return sections.takeError();
    const Elf::Shdr *note = nullptr, *location = nullptr;
    for (const Elf::Shdr &section : *sections) {
      StringRef name = llvm::cantFail(file->getSectionName(section));
      note = name == TW_WEIGHTS_SECTION ? &section : note;
      location = name == TW_WEIGHTS_LOCATION_SECTION ? &section : location;
    }
    if (!note || !location)
      return compilerBug(
          "the linked runtime reserves no place for the weights");
    return place(llvm::cantFail(file->program_headers()), *note, *location);
  }

private:
  llvm::Error place(Elf::PhdrRange headers, const Elf::Shdr &note,
                    const Elf::Shdr &location) {
    uint64_t end = 0;
    const Elf::Phdr *reserved = nullptr;
    for (const Elf::Phdr &header : headers) {
      if (header.p_type == llvm::ELF::PT_LOAD)
        end = std::max<uint64_t>(end, header.p_vaddr + header.p_memsz);
      if (header.p_type == llvm::ELF::PT_NOTE &&
          header.p_offset == note.sh_offset)
        reserved = &header;
    }
    if (!reserved)
      return compilerBug("the linker wrote no program header for the weights");
    address = llvm::alignTo(end, kPage);
    offset = llvm::alignTo(image.size(), kPage);
    patchHeader(*reserved);
    patchSection(note);
    patchLocation(location);
    image.resize(offset);
    return llvm::Error::success();
  }

  template <typename T>
  T &writable(const T &part) {
    return *reinterpret_cast<T *>(
        image.data() + (reinterpret_cast<const char *>(&part) - image.data()));
  }

  void patchHeader(const Elf::Phdr &part) {
    Elf::Phdr &header = writable(part);
    header.p_type = llvm::ELF::PT_LOAD;
    header.p_flags = llvm::ELF::PF_R;
    header.p_offset = offset;
    header.p_vaddr = address;
    header.p_paddr = address;
    header.p_filesz = size;
    header.p_memsz = size;
    header.p_align = kPage;
  }

  void patchSection(const Elf::Shdr &part) {
    Elf::Shdr &section = writable(part);
    section.sh_type = llvm::ELF::SHT_PROGBITS;
    section.sh_offset = offset;
    section.sh_addr = address;
    section.sh_size = size;
    section.sh_addralign = kPage;
  }

  void patchLocation(const Elf::Shdr &section) {
    TwWeightsLocation location = {int64_t(address - section.sh_addr),
                                  int64_t(size)};
    memcpy(image.data() + section.sh_offset, &location, sizeof location);
  }

  std::string &image;
  uint64_t size, address = 0, offset = 0;
};

/// Writes to a file, counts, and names the file in errors.
class FileSink final : public WeightSink {
public:
  FileSink(int fd, StringRef path) : fd(fd), path(path) {}

  llvm::Error write(StringRef bytes) override {
    if (std::error_code error = writeAll(fd, bytes))
      return userError("cannot write '", path, "': ", error.message());
    written += bytes.size();
    return llvm::Error::success();
  }

  llvm::Error padTo(uint64_t position) {
    std::string zeros(position - written, '\0');
    return write(zeros);
  }

  uint64_t written = 0;

private:
  int fd;
  StringRef path;
};
} // namespace

static llvm::Error writeWeights(llvm::ArrayRef<WeightPiece> pieces,
                                FileSink &sink) {
  WeightLayout layout = layoutWeights(pieces);
  sink.written = 0;
  for (auto [piece, offset] : llvm::zip_equal(pieces, layout.offsets)) {
    if (auto error = sink.padTo(offset))
      return error;
    if (auto error = piece.produce(sink))
      return error;
    if (sink.written != offset + piece.size)
      return compilerBug("a weight of ", piece.size, " bytes was written with ",
                         sink.written - offset);
  }
  return llvm::Error::success();
}

static llvm::Error writeTo(int fd, StringRef path, std::string &image,
                           llvm::ArrayRef<WeightPiece> weights) {
  if (uint64_t size = layoutWeights(weights).size)
    if (auto error = WeightSegment(image, size).add())
      return error;
  FileSink sink(fd, path);
  if (auto error = sink.write(image))
    return error;
  return writeWeights(weights, sink);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static llvm::Error cannotWrite(StringRef path, std::error_code reason) {
  return userError("cannot write '", path, "': ", reason.message());
}

static llvm::Error finish(llvm::sys::fs::TempFile &file, StringRef path,
                          llvm::Error failure) {
  if (failure) {
    llvm::consumeError(file.discard());
    return failure;
  }
  if (auto error = file.keep(path))
    return cannotWrite(path, llvm::errorToErrorCode(std::move(error)));
  return llvm::Error::success();
}

/// The file as long as it is incomplete. Refuses folders and devices, which a
/// rename would replace, before any work is done.
static llvm::Expected<llvm::sys::fs::TempFile> beginFile(StringRef path,
                                                         unsigned mode) {
  if (llvm::sys::fs::is_directory(path))
    return userError("cannot write '", path, "': is a folder");
  if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))
    return userError("cannot write '", path, "': is not a regular file");
  auto file = llvm::sys::fs::TempFile::create(path + ".%%%%%%.tmp", mode);
  if (!file)
    return cannotWrite(path, llvm::errorToErrorCode(file.takeError()));
  return file;
}

llvm::Error tw::writeFile(StringRef path, StringRef content) {
  unsigned mode = llvm::sys::fs::all_read | llvm::sys::fs::all_write;
  auto file = beginFile(path, mode);
  if (!file)
    return file.takeError();
  return finish(*file, path, FileSink(file->FD, path).write(content));
}

llvm::Error tw::writeArtifact(StringRef path, llvm::ArrayRef<StringRef> objects,
                              const LinkOptions &options,
                              llvm::ArrayRef<WeightPiece> weights) {
  auto file = beginFile(path, llvm::sys::fs::all_all);
  if (!file)
    return file.takeError();
  auto image = linkImage(objects, options);
  return finish(*file, path,
                image ? writeTo(file->FD, path, *image, weights)
                      : image.takeError());
}

llvm::Expected<MemoryFile>
tw::writeArtifactToMemory(llvm::ArrayRef<StringRef> objects,
                          const LinkOptions &options,
                          llvm::ArrayRef<WeightPiece> weights) {
  auto image = linkImage(objects, options);
  if (!image)
    return image.takeError();
  auto file = MemoryFile::create(options.identifier.c_str());
  if (!file)
    return file;
  if (auto error = writeTo(file->descriptor(), "memory", *image, weights))
    return error;
  return file;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static void countSection(ArtifactInfo &info, StringRef name,
                         const Elf::Shdr &section) {
  if (name == ".interp")
    info.kind = ArtifactKind::Executable;
  if (name == TW_WEIGHTS_SECTION &&
      section.sh_type == llvm::ELF::SHT_PROGBITS) {
    info.weightsOffset = section.sh_offset;
    info.weightsSize = section.sh_size;
  } else if (section.sh_flags & llvm::ELF::SHF_ALLOC) {
    bool code = section.sh_flags & llvm::ELF::SHF_EXECINSTR;
    (code ? info.codeSize : info.dataSize) += section.sh_size;
  }
}

static llvm::Error readMetadata(const ElfFile &file, const Elf::Shdr &section,
                                ArtifactInfo &info) {
  auto content = file.getSectionContents(section);
  if (!content)
    return content.takeError();
  StringRef text(reinterpret_cast<const char *>(content->data()),
                 content->size());
  info.metadata = text.substr(0, text.find('\0')).str();
  return llvm::Error::success();
}

static llvm::Error readSections(const ElfFile &file, ArtifactInfo &info) {
  auto sections = file.sections();
  if (!sections)
    return sections.takeError();
  for (const Elf::Shdr &section : *sections) {
    auto name = file.getSectionName(section);
    if (!name)
      return name.takeError();
    countSection(info, *name, section);
    if (*name != TW_METADATA_SECTION)
      continue;
    if (auto error = readMetadata(file, section, info))
      return error;
  }
  return llvm::Error::success();
}

static llvm::Error notAnArtifact(StringRef path, llvm::Error reason) {
  std::string text = llvm::toString(std::move(reason));
  return userError("'", path, "' is not a model compiled by Tilewright",
                   text.empty() ? "" : ": ", text);
}

llvm::Expected<ArtifactInfo> tw::readArtifactInfo(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return userError("cannot read '", path, "': ", buffer.getError().message());
  StringRef bytes = (*buffer)->getBuffer();
  bool isElf64 = bytes.size() > 16 && bytes.starts_with("\x7f"
                                                        "ELF\x02\x01");
  if (!isElf64)
    return notAnArtifact(path, llvm::Error::success());
  auto file = ElfFile::create(bytes);
  if (!file)
    return notAnArtifact(path, file.takeError());
  ArtifactInfo info;
  info.fileSize = bytes.size();
  if (auto error = readSections(*file, info))
    return notAnArtifact(path, std::move(error));
  if (info.metadata.empty())
    return notAnArtifact(path, llvm::Error::success());
  return info;
}
