// What tests ask of the driver in FakeCuda.cpp; looked up in the library that
// the runtime has loaded.
#pragma once

#include <cstdint>

extern "C" {
/// Forgets everything: one sm_90 device of 1 GB, driver for CUDA 13.0.
void fake_cuda_reset();
void fake_cuda_set(int32_t devices, int32_t capability, int32_t driverVersion,
                   int64_t bytes);
/// The `nth` (from 1) call of that function from now on gives `result`. A
/// failure of "kernel" comes from the next wait, as a kernel's own.
void fake_cuda_fail(const char *function, int32_t nth, int32_t result);
/// How often a function was called since the last reset.
int32_t fake_cuda_calls(const char *function);
/// The text of all calls worth knowing, one a line.
const char *fake_cuda_log();
/// How much device memory, pinned memory, streams, events, modules and graphs
/// are alive.
int32_t fake_cuda_alive();
/// What a kernel of that name does with its parameters, of 64 bits each.
using FakeKernel = void (*)(void **parameters, uint32_t blocks,
                            uint32_t threads);
void fake_cuda_define(const char *name, int32_t parameters, FakeKernel kernel);
}
