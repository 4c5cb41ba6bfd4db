// The tensors that stay outside the IR: mapped from the model's files, or
// computed while compiling.
#pragma once

#include "compiler/import/wire/Model.h"
#include "dialects/nn/NN.h"

#include "llvm/ADT/StringRef.h"

#include <memory>
#include <vector>

namespace tw {

class Weights {
public:
  explicit Weights(std::vector<wire::Data> mapped);

  /// The bytes of weight `id` as they are in memory at run time: row-major,
  /// sub-byte elements a byte each.
  llvm::StringRef bytes(int64_t id) const { return entries[id].bytes; }
  size_t size() const { return entries.size(); }

  /// Memory for a new weight, to be filled by the caller; its id is `size() -
  /// 1` afterwards.
  llvm::MutableArrayRef<char> add(size_t bytes);

  /// Spreads the packed elements of sub-byte weights, once their types are
  /// known from the IR.
  void unpack(ModuleOp module);

private:
  struct Entry {
    llvm::StringRef bytes;
    std::shared_ptr<const void> owner;
    bool packed = true;
  };
  std::vector<Entry> entries;
};

} // namespace tw
