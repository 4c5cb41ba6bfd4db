// Compiled models as files: writing one with its weights, and reading what it
// says about itself.
#pragma once

#include "compiler/Link.h"
#include "compiler/MemoryFile.h"

#include <functional>
#include <optional>
#include <vector>

namespace tw {

/// Takes the bytes of a weight, in order.
class WeightSink {
public:
  virtual ~WeightSink() = default;
  virtual llvm::Error write(llvm::StringRef bytes) = 0;
};

/// One weight of an artifact. Its bytes are asked for while the file is
/// written, so that only one weight at a time need be in memory.
struct WeightPiece {
  uint64_t size = 0;
  uint64_t alignment = 64;
  /// Writes exactly `size` bytes.
  std::function<llvm::Error(WeightSink &)> produce;

  /// The bytes must stay alive until the artifact is written.
  static WeightPiece ofBytes(llvm::StringRef bytes, uint64_t alignment = 64);
  /// Copied from file to file, never mapped.
  static WeightPiece ofFile(int fd, uint64_t offset, uint64_t size,
                            uint64_t alignment = 64);
};

/// Where pieces lie, relative to what tw_rt_weights returns.
struct WeightLayout {
  std::vector<uint64_t> offsets;
  uint64_t size = 0;
};
/// Depends on sizes and alignments only, so that code can be made before the
/// weights are. `size` is the program's weights_size.
WeightLayout layoutWeights(llvm::ArrayRef<WeightPiece> pieces);

/// Links the objects and writes the artifact. It appears under its name when it
/// is complete, or not at all. What the system refuses is a UserError that
/// names the file.
llvm::Error writeArtifact(llvm::StringRef path,
                          llvm::ArrayRef<llvm::StringRef> objects,
                          const LinkOptions &options,
                          llvm::ArrayRef<WeightPiece> weights);

/// Writes a file in the same way.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content);

/// The artifact in memory; the result's path can be loaded with tw_model_open
/// while the result lives.
llvm::Expected<MemoryFile>
writeArtifactToMemory(llvm::ArrayRef<llvm::StringRef> objects,
                      const LinkOptions &options,
                      llvm::ArrayRef<WeightPiece> weights);

/// What an artifact's file says.
struct ArtifactInfo {
  ArtifactKind kind = ArtifactKind::SharedLibrary;
  /// JSON; the section TW_METADATA_SECTION.
  std::string metadata;
  uint64_t fileSize = 0;
  uint64_t weightsOffset = 0, weightsSize = 0;
  /// Sections that the loader maps, less weights.
  uint64_t codeSize = 0, dataSize = 0;
};

/// Reads it without loading or running anything. A UserError if the file is no
/// artifact.
llvm::Expected<ArtifactInfo> readArtifactInfo(llvm::StringRef path);

} // namespace tw
