// Pictures as inputs.
#pragma once

#include "runtime/cli/Npy.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace tw::cli {

struct Picture {
  int64_t height = 0, width = 0, channels = 0;
  /// Row by row, the channels of a pixel side by side.
  std::vector<uint8_t> pixels;
};

/// Channels that the input wants: 1 (grey), 3 (RGB) or 4 (RGBA); 3 where its
/// shape leaves that open. A UserError if a picture does not fit it.
llvm::Expected<int64_t> pictureChannels(const tw_value_info &info,
                                        const std::string &path);

llvm::Expected<Picture> readPng(const std::string &path, int64_t channels);
llvm::Expected<Picture> readJpeg(const std::string &path, int64_t channels);

/// [1, channels, height, width], or without the 1 for an input of three
/// dimensions: uint8 as it is, float32 from 0 to 1.
llvm::Error toArray(const Picture &picture, const tw_value_info &info,
                    const std::string &path, NpyArray &array);

} // namespace tw::cli
