#include "tools/cli/Picture.h"

#include "compiler/Errors.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MemoryBuffer.h"

#include <png.h>
#include <turbojpeg.h>

using namespace tw;
using namespace tw::cli;

llvm::Expected<int64_t> cli::pictureChannels(const tw_value_info &info,
                                             const std::string &path) {
  if (info.rank != 3 && info.rank != 4)
    return userError(path,
                     ": expected an input of shape [N, C, H, W] or [C, "
                     "H, W] for a picture, found one of rank ",
                     info.rank);
  int64_t channels = info.dims[info.rank - 3];
  if (channels < 0)
    return 3;
  if (channels == 1 || channels == 3 || channels == 4)
    return channels;
  return userError(path,
                   ": expected an input of 1, 3 or 4 channels for a "
                   "picture, found ",
                   channels);
}

static int pngFormat(int64_t channels) {
  return channels == 1   ? PNG_FORMAT_GRAY
         : channels == 3 ? PNG_FORMAT_RGB
                         : PNG_FORMAT_RGBA;
}

llvm::Expected<Picture> cli::readPng(const std::string &path,
                                     int64_t channels) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  llvm::scope_exit done([&] { png_image_free(&image); });
  if (!png_image_begin_read_from_file(&image, path.c_str()))
    return userError(path, ": expected a PNG picture: ", image.message);
  image.format = pngFormat(channels);
  Picture picture{image.height, image.width, channels, {}};
  picture.pixels.resize(PNG_IMAGE_SIZE(image));
  png_color black = {};
  if (!png_image_finish_read(&image, &black, picture.pixels.data(), 0, nullptr))
    return userError(path, ": expected a PNG picture: ", image.message);
  return picture;
}

llvm::Expected<Picture> cli::readJpeg(const std::string &path,
                                      int64_t channels) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return userError(path, ": ", file.getError().message());
  auto *bytes =
      reinterpret_cast<const unsigned char *>((*file)->getBufferStart());
  size_t size = (*file)->getBufferSize();
  tjhandle decoder = tjInitDecompress();
  llvm::scope_exit done([&] { tjDestroy(decoder); });
  auto fail = [&] {
    return userError(path,
                     ": expected a JPEG picture: ", tjGetErrorStr2(decoder));
  };
  int width, height, subsampling, colours;
  if (tjDecompressHeader3(decoder, bytes, size, &width, &height, &subsampling,
                          &colours))
    return fail();
  Picture picture{height, width, channels, {}};
  picture.pixels.resize(size_t(height) * width * channels);
  int format = channels == 1 ? TJPF_GRAY : channels == 3 ? TJPF_RGB : TJPF_RGBA;
  if (tjDecompress2(decoder, bytes, size, picture.pixels.data(), width, 0,
                    height, format, 0))
    return fail();
  return picture;
}

/// Channel by channel.
template <typename T>
static void fillPlanes(const Picture &picture, T *out, T scale) {
  int64_t count = picture.height * picture.width;
  for (int64_t channel = 0; channel < picture.channels; ++channel)
    for (int64_t pixel = 0; pixel < count; ++pixel)
      *out++ = T(picture.pixels[pixel * picture.channels + channel]) * scale;
}

static void describe(const Picture &picture, int32_t rank, const char *descr,
                     NpyArray &array) {
  strcpy(array.descr, descr);
  array.rank = rank;
  int64_t dims[] = {1, picture.channels, picture.height, picture.width};
  std::copy(std::end(dims) - rank, std::end(dims), array.dims);
  array.data = array.file.data();
}

llvm::Error cli::toArray(const Picture &picture, const tw_value_info &info,
                         const std::string &path, NpyArray &array) {
  bool real = info.dtype == TW_FLOAT;
  if (!real && info.dtype != TW_UINT8)
    return userError(path,
                     ": expected an input of float32 or uint8 for a "
                     "picture, found ",
                     tw_dtype_name(info.dtype));
  if (!array.file.reserve(picture.pixels.size() * (real ? 4 : 1)))
    return userError(path, ": not enough memory for the picture");
  if (real)
    fillPlanes<float>(picture, reinterpret_cast<float *>(array.file.data()),
                      1.0f / 255);
  else
    fillPlanes<uint8_t>(picture, reinterpret_cast<uint8_t *>(array.file.data()),
                        1);
  describe(picture, info.rank, real ? "<f4" : "|u1", array);
  return llvm::Error::success();
}
