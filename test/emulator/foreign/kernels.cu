// Kernels in CUDA C for test_foreign.py; make_ptx.py compiles them.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
extern "C" __global__ void reduce(const float *x, float *y, int n) {
  __shared__ float s[32];
  float v = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x)
    v += x[i];
  for (int o = 16; o; o >>= 1)
    v += __shfl_xor_sync(~0u, v, o);
  if (threadIdx.x % 32 == 0)
    s[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x < 32) {
    v = threadIdx.x < blockDim.x / 32 ? s[threadIdx.x] : 0;
    for (int o = 16; o; o >>= 1)
      v += __shfl_down_sync(~0u, v, o);
    if (!threadIdx.x)
      atomicAdd(y, v);
  }
}
extern "C" __global__ void matmul(const float *a, const float *b, float *c,
                                  int m, int n, int k) {
  __shared__ float as[16][16], bs[16][16];
  int row = blockIdx.y * 16 + threadIdx.y, col = blockIdx.x * 16 + threadIdx.x;
  float acc = 0;
  for (int t = 0; t < (k + 15) / 16; ++t) {
    as[threadIdx.y][threadIdx.x] = row < m && t * 16 + threadIdx.x < k
                                       ? a[row * k + t * 16 + threadIdx.x]
                                       : 0;
    bs[threadIdx.y][threadIdx.x] = col < n && t * 16 + threadIdx.y < k
                                       ? b[(t * 16 + threadIdx.y) * n + col]
                                       : 0;
    __syncthreads();
    for (int i = 0; i < 16; ++i)
      acc += as[threadIdx.y][i] * bs[i][threadIdx.x];
    __syncthreads();
  }
  if (row < m && col < n)
    c[row * n + col] = acc;
}
extern "C" __global__ void histogram(const unsigned char *x, unsigned *h,
                                     int n) {
  extern __shared__ unsigned bins[];
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    bins[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x)
    atomicAdd(&bins[x[i]], 1u);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    if (bins[i])
      atomicAdd(&h[i], bins[i]);
}
__device__ __noinline__ int fib(int n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
extern "C" __global__ void recursive(int *y) {
  y[threadIdx.x] = fib(threadIdx.x % 8);
}
struct P {
  float v[6];
  int n;
};
__device__ __noinline__ float poly(P p, float x) {
  float r = 0;
  for (int i = 0; i < p.n; ++i)
    r = r * x + p.v[i];
  return r;
}
extern "C" __global__ void structs(P p, const float *x, float *y) {
  y[threadIdx.x] = poly(p, x[threadIdx.x]);
}
extern "C" __global__ void halves(const __half2 *x, __half2 *y,
                                  const __nv_bfloat16 *b, __nv_bfloat16 *c,
                                  int n) {
  int i = threadIdx.x;
  if (i < n) {
    y[i] = __hfma2(x[i], x[i], __float2half2_rn(1.0f));
    c[i] = __hadd(b[i], __float2bfloat16(2.5f));
  }
}
extern "C" __global__ void localarr(const int *idx, int *y) {
  int t[16];
  for (int i = 0; i < 16; ++i)
    t[i] = i * i + threadIdx.x;
  t[idx[threadIdx.x] & 15] = -1;
  int s = 0;
  for (int i = 0; i < 16; ++i)
    s += t[(i + idx[threadIdx.x]) & 15] * (i + 1);
  y[threadIdx.x] = s;
}
__device__ unsigned ticket;
extern "C" __global__ void lastblock(const float *x, float *part, float *y) {
  __shared__ bool last;
  __shared__ float s[64];
  s[threadIdx.x] = x[blockIdx.x * 64 + threadIdx.x];
  __syncthreads();
  for (int o = 32; o; o >>= 1) {
    if (threadIdx.x < o)
      s[threadIdx.x] += s[threadIdx.x + o];
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    part[blockIdx.x] = s[0];
    __threadfence();
    last = atomicInc(&ticket, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    __threadfence();
    float r = 0;
    for (int i = 0; i < gridDim.x; ++i)
      r += part[i];
    *y = r;
  }
}
