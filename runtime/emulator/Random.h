// A small generator: schedules follow from the seed on every machine.
#pragma once

#include <cstdint>

namespace tw::emu {

class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() { // splitmix64
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  uint32_t below(uint32_t limit) {
    return uint32_t((next() >> 32) * limit >> 32);
  }

private:
  uint64_t state;
};

} // namespace tw::emu
