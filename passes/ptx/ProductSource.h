// Where the operands of a product lie in memory: matrices, or the windows of a
// convolution.
#pragma once

#include "dialects/tile/Tile.h"
#include "passes/ptx/ProductTile.h"
#include "passes/ptx/ThreadEmitter.h"

#include <functional>

namespace tw {

/// Neighbouring elements in global memory: the first `count` of at most a
/// chunk's (i32) are read, the others are zero.
struct Chunk {
  Value pointer;
  Value count;
};
/// The chunk that a thread reads at step t (i32).
using ChunkAt = std::function<Chunk(Value t)>;

struct ProductOperand {
  Value buffer;
  /// Prepares, before the loop over steps, the chunk at (row, column) of the
  /// operand's tile (i32).
  std::function<ChunkAt(Value row, Value column)> prepare;
  /// i1: every chunk starts at a multiple of 16 bytes.
  Value isAligned;
};

/// An operand as tensor maps copy it: boxes of each step, one behind the other
/// in shared memory.
struct BoxedOperand {
  Value buffer;
  /// A size for each dim of the buffer.
  SmallVector<int64_t> box;
  /// Whether a box's lines run along m or n (false: along k).
  bool isAlongRows = false;
  /// Inside of a block: where step t's boxes start (i32, the outermost dim
  /// first).
  std::function<SmallVector<SmallVector<Value>>(Value t)> at;
};

/// A product as blocks see it: in[batch, m, k] * weights[batch, k, n].
class ProductSource {
public:
  virtual ~ProductSource() = default;

  /// Sizes; on the op's level, before the blocks.
  virtual Dim batch() = 0;
  virtual Dim rows() = 0;
  virtual Dim columns() = 0;
  /// Whether the right operand's rows run along n (false: along k).
  virtual bool rightRunsAlongColumns() = 0;

  /// Inside of a block: `batch`, first row and first column, as i64.
  virtual void enter(ThreadEmitter &e, const ProductTile &tile, Value batch,
                     Value firstRow, Value firstColumn) = 0;
  virtual ProductOperand left() = 0;
  virtual ProductOperand right() = 0;
  /// On the op's level; nothing where operands are no matrices.
  virtual std::optional<BoxedOperand> leftBoxes(const ProductTile &tile) {
    return std::nullopt;
  }
  virtual std::optional<BoxedOperand> rightBoxes(const ProductTile &tile) {
    return std::nullopt;
  }
  /// How many steps there are, where that is known while compiling.
  virtual std::optional<int64_t> knownSteps(const ProductTile &tile) = 0;
  /// i32.
  virtual Value steps() = 0;
  /// Index values of the result's dims for row and column within the tile.
  virtual SmallVector<Value> resultIndices(Value row, Value column) = 0;
};

std::unique_ptr<ProductSource> matmulSource(OpBuilder &b, tile::MatmulOp op);
std::unique_ptr<ProductSource> conv2dSource(OpBuilder &b, tile::Conv2dOp op);
/// Whether no chunk holds channels of two positions of the window.
bool isDenseConv2d(tile::Conv2dOp op);

} // namespace tw
