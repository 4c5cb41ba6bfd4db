// Matrix products on tensor cores: a pipeline of cp.async, ldmatrix and mma.sync, and nvcuda::wmma.
#include <cuda_fp16.h>
#include <mma.h>

constexpr int kM = 64, kN = 64, kK = 32, kStages = 3;

__device__ unsigned shared(const void *p) { return unsigned(__cvta_generic_to_shared(p)); }

/// 16 bytes, or zeros.
__device__ void copy(void *to, const void *from, bool inside) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared(to)), "l"(from), "r"(inside ? 16 : 0));
}

__device__ void loadTiles(half *as, half *bs, const half *a, const half *b, int m0, int n0, int k0, int m, int n, int k) {
  for (int i = threadIdx.x; i < kM * kK / 8; i += 128) {
    int row = i / 4, chunk = i % 4;
    bool inside = m0 + row < m && k0 + chunk * 8 < k;
    copy(as + row * kK + (chunk ^ (row / 2 % 4)) * 8, inside ? a + (m0 + row) * k + k0 + chunk * 8 : a, inside);
  }
  for (int i = threadIdx.x; i < kK * kN / 8; i += 128) {
    int row = i / 8, chunk = i % 8;
    bool inside = k0 + row < k;
    copy(bs + row * kN + (chunk ^ (row % 8)) * 8, inside ? b + (k0 + row) * n + n0 + chunk * 8 : b, inside);
  }
}

__device__ void multiply(float (&c)[2][4][4], const half *as, const half *bs, int wm, int wn) {
  int lane = threadIdx.x % 32;
  for (int kk = 0; kk < kK; kk += 16) {
    unsigned a[2][4], b[4][2];
    for (int i = 0; i < 2; ++i) {
      int row = wm + i * 16 + lane % 16, chunk = kk / 8 + lane / 16;
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(a[i][0]), "=r"(a[i][1]), "=r"(a[i][2]), "=r"(a[i][3])
                   : "r"(shared(as + row * kK + (chunk ^ (row / 2 % 4)) * 8)));
    }
    for (int j = 0; j < 4; ++j) {
      int row = kk + lane % 16, chunk = wn / 8 + j;
      asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
                   : "=r"(b[j][0]), "=r"(b[j][1])
                   : "r"(shared(bs + row * kN + (chunk ^ (row % 8)) * 8)));
    }
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 4; ++j)
        asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                     "{%0, %1, %2, %3};"
                     : "+f"(c[i][j][0]), "+f"(c[i][j][1]), "+f"(c[i][j][2]), "+f"(c[i][j][3])
                     : "r"(a[i][0]), "r"(a[i][1]), "r"(a[i][2]), "r"(a[i][3]), "r"(b[j][0]), "r"(b[j][1]));
  }
}

/// c = a * b, rows dense; n a multiple of 64, k of 8.
extern "C" __global__ void __launch_bounds__(128)
    pipelined(const half *a, const half *b, float *c, int m, int n, int k) {
  __shared__ __align__(128) half as[kStages][kM * kK], bs[kStages][kK * kN];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, m0 = blockIdx.y * kM, n0 = blockIdx.x * kN;
  int wm = warp / 2 * 32, wn = warp % 2 * 32, steps = (k + kK - 1) / kK;
  float sum[2][4][4] = {};
  for (int s = 0; s < kStages - 1; ++s) {
    if (s < steps)
      loadTiles(as[s], bs[s], a, b, m0, n0, s * kK, m, n, k);
    asm volatile("cp.async.commit_group;");
  }
  for (int step = 0; step < steps; ++step) {
    asm volatile("cp.async.wait_group %0;" ::"n"(kStages - 2));
    __syncthreads();
    int next = step + kStages - 1;
    if (next < steps)
      loadTiles(as[next % kStages], bs[next % kStages], a, b, m0, n0, next * kK, m, n, k);
    asm volatile("cp.async.commit_group;");
    multiply(sum, as[step % kStages], bs[step % kStages], wm, wn);
  }
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 4; ++j)
      for (int h = 0; h < 2; ++h) {
        int row = m0 + wm + i * 16 + lane / 4 + 8 * h, column = n0 + wn + j * 8 + lane % 4 * 2;
        if (row < m)
          *reinterpret_cast<float2 *>(c + row * n + column) = make_float2(sum[i][j][2 * h], sum[i][j][2 * h + 1]);
      }
}

using namespace nvcuda;

/// A warp for each 16x16 tile; b is given by columns. Negative sums become zero.
extern "C" __global__ void tiles(const half *a, const half *b, float *c, int n, int k) {
  int warp = (blockIdx.x * blockDim.x + threadIdx.x) / 32, row = warp / (n / 16) * 16, column = warp % (n / 16) * 16;
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 0.0f);
  for (int l = 0; l < k; l += 16) {
    wmma::load_matrix_sync(fa, a + row * k + l, k);
    wmma::load_matrix_sync(fb, b + column * k + l, k);
    wmma::mma_sync(fc, fa, fb, fc);
  }
  for (int i = 0; i < fc.num_elements; ++i)
    fc.x[i] = fc.x[i] < 0 ? 0 : fc.x[i];
  wmma::store_matrix_sync(c + row * n + column, fc, n, wmma::mem_row_major);
}

/// Bytes: one warp, c (32x8) = a (32x16) * b (16x8) + c.
extern "C" __global__ void bytes(const signed char *a, const signed char *b, int *c) {
  wmma::fragment<wmma::matrix_a, 32, 8, 16, signed char, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 32, 8, 16, signed char, wmma::row_major> fb;
  wmma::fragment<wmma::accumulator, 32, 8, 16, int> fc;
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 8);
  wmma::load_matrix_sync(fc, c, 8, wmma::mem_row_major);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 8, wmma::mem_row_major);
}
