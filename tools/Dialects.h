// The dialects that our .mlir tools understand: ours and all of upstream's.
#pragma once

#include "dialects/check/Check.h"
#include "dialects/nn/NN.h"
#include "dialects/rt/RT.h"
#include "dialects/tile/Tile.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"

namespace tw {

inline void registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<nn::NNDialect, tile::TileDialect, rt::RTDialect,
                  check::CheckDialect>();
}

} // namespace tw
