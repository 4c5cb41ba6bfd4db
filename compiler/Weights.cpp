#include "compiler/Weights.h"

#include <sys/mman.h>

using namespace tw;

Weights::Weights(std::vector<wire::Data> mapped) {
  for (wire::Data &data : mapped) {
    std::string_view bytes = data.bytes();
    entries.push_back({llvm::StringRef(bytes.data(), bytes.size()), data.buffer,
                       /*packed=*/true});
  }
}

/// Pages of their own, so that a large weight is given back to the system when
/// it is done with.
llvm::MutableArrayRef<char> Weights::add(size_t bytes) {
  size_t size = std::max<size_t>(bytes, 1);
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    llvm::report_bad_alloc_error("no memory for a constant");
  std::shared_ptr<const void> owner(
      memory, [size](const void *p) { munmap(const_cast<void *>(p), size); });
  entries.push_back({llvm::StringRef(static_cast<char *>(memory), bytes), owner,
                     /*packed=*/false});
  return {static_cast<char *>(memory), bytes};
}

void Weights::unpack(ModuleOp module) {
  module.walk([&](nn::WeightOp op) {
    auto type = cast<RankedTensorType>(op.getResult().getType());
    unsigned bits = type.getElementTypeBitWidth();
    int64_t id = op.getId();
    if (bits >= 8 || type.getElementType().isInteger(1) || !entries[id].packed)
      return;
    llvm::StringRef packed = entries[id].bytes;
    llvm::MutableArrayRef<char> spread = add(type.getNumElements());
    unsigned perByte = 8 / bits;
    for (size_t i = 0; i < spread.size(); ++i)
      spread[i] = static_cast<char>(
          (static_cast<uint8_t>(packed[i / perByte]) >> (i % perByte * bits)) &
          ((1u << bits) - 1));
    if (!type.getElementType().isUnsignedInteger() &&
        isa<IntegerType>(type.getElementType()))
      for (char &c : spread)
        c = static_cast<char>(llvm::SignExtend64(c, bits));
    entries[id] = entries.back();
    entries.pop_back();
  });
}
