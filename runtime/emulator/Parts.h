// State that a family of instructions keeps with a warp, a block or a cluster,
// without its owner knowing what it is.
#pragma once

#include <memory>
#include <vector>

namespace tw::emu {

class Parts {
public:
  /// The owner's T, made on first use.
  template <class T>
  T &part() {
    const unsigned slot = slotOf<T>();
    if (slot >= parts.size())
      parts.resize(slot + 1);
    if (!parts[slot])
      parts[slot] = std::make_shared<T>();
    return *static_cast<T *>(parts[slot].get());
  }
  /// Null if nobody has asked for it yet.
  template <class T>
  T *partIfMade() {
    const unsigned slot = slotOf<T>();
    return slot < parts.size() ? static_cast<T *>(parts[slot].get()) : nullptr;
  }

private:
  static unsigned newSlot();
  template <class T>
  static unsigned slotOf() {
    static const unsigned slot = newSlot();
    return slot;
  }
  std::vector<std::shared_ptr<void>> parts;
};

} // namespace tw::emu
