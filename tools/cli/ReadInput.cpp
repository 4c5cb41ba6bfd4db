#include "tools/cli/ReadInput.h"

#include "tools/cli/Npz.h"
#include "tools/cli/Picture.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"

using namespace tw;
using namespace tw::cli;
using llvm::StringRef;

enum class FileKind { Npy, Npz, Png, Jpeg };

static FileKind kindOf(StringRef path) {
  return llvm::StringSwitch<FileKind>(llvm::sys::path::extension(path).lower())
      .Case(".npz", FileKind::Npz)
      .Case(".png", FileKind::Png)
      .Cases({".jpg", ".jpeg"}, FileKind::Jpeg)
      .Default(FileKind::Npy);
}

static bool report(llvm::Error error, Message &message) {
  if (!error)
    return true;
  message.add("%s", llvm::toString(std::move(error)).c_str());
  return false;
}

static bool readNpzEntry(const tw_value_info &info, const char *path,
                         NpyArray &array, Message &error) {
  return report(readNpz(path, info.name, array.file), error) &&
         parseNpy(path, array, error);
}

static bool readPicture(const tw_value_info &info, const char *path,
                        FileKind kind, NpyArray &array, Message &error) {
  auto channels = pictureChannels(info, path);
  if (!channels)
    return report(channels.takeError(), error);
  auto picture = kind == FileKind::Png ? readPng(path, *channels)
                                       : readJpeg(path, *channels);
  if (!picture)
    return report(picture.takeError(), error);
  return report(toArray(*picture, info, path, array), error);
}

bool cli::readInput(const tw_value_info &info, const char *path,
                    NpyArray &array, Message &error) {
  FileKind kind = kindOf(path);
  if (kind == FileKind::Npy)
    return readNpy(path, array, error);
  if (kind == FileKind::Npz)
    return readNpzEntry(info, path, array, error);
  return readPicture(info, path, kind, array, error);
}
