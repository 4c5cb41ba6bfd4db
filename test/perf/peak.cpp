// Prints the FP32 FMA peak of one core in GFLOP/s: independent fused
// multiply-adds on registers, nothing else.
#include <chrono>
#include <cstdio>

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));

// Twice the latency times the throughput of any CPU so far, and few enough to
// stay in registers.
constexpr int kChains = 12;
constexpr long kSteps = 1 << 22;

static double gflops(float seed) {
  Vector chains[kChains];
  for (int i = 0; i < kChains; ++i)
    chains[i] = Vector{} + seed * float(i);
  Vector factor = Vector{} + 0.999f * seed, term = Vector{} + 0.001f * seed;
  auto start = std::chrono::steady_clock::now();
  for (long step = 0; step < kSteps; ++step) {
#pragma clang loop unroll(full)
    for (int i = 0; i < kChains; ++i)
      chains[i] = __builtin_elementwise_fma(chains[i], factor, term);
#pragma clang loop unroll(full)
    for (int i = 0; i < kChains; ++i)
      asm volatile("" : "+x"(chains[i]));
  }
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return 2.0 * kLanes * kChains * kSteps / seconds * 1e-9;
}

int main(int argc, char **) {
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    double now = gflops(float(argc));
    best = now > best ? now : best;
  }
  std::printf("%.1f\n", best);
}
