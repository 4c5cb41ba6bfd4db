// libcu++ on sm_90: bulk copies with cuda::barrier, a tensor map, clusters with distributed shared memory.
#include <cooperative_groups.h>
#include <cuda.h>
#include <cuda/barrier>
#include <cuda/ptx>
#include <utility>

namespace cg = cooperative_groups;
namespace cde = cuda::device::experimental;
using barrier = cuda::barrier<cuda::thread_scope_block>;

/// y = x + 1, 256 floats a block, in by a bulk copy and out by another.
extern "C" __global__ void bulk(const float *x, float *y) {
  __shared__ alignas(128) float tile[256];
#pragma nv_diag_suppress static_var_with_dynamic_init
  __shared__ barrier bar;
  if (threadIdx.x == 0) {
    init(&bar, blockDim.x);
    cde::fence_proxy_async_shared_cta();
  }
  __syncthreads();
  barrier::arrival_token token;
  if (threadIdx.x == 0) {
    cde::cp_async_bulk_global_to_shared(tile, x + blockIdx.x * 256, sizeof(tile), bar);
    token = cuda::device::barrier_arrive_tx(bar, 1, sizeof(tile));
  } else {
    token = bar.arrive();
  }
  bar.wait(std::move(token));
  tile[threadIdx.x] += 1;
  cde::fence_proxy_async_shared_cta();
  __syncthreads();
  if (threadIdx.x == 0) {
    cde::cp_async_bulk_shared_to_global(y + blockIdx.x * 256, tile, sizeof(tile));
    cde::cp_async_bulk_commit_group();
    cde::cp_async_bulk_wait_group_read<0>();
  }
}

/// The 16x32 tile at (row, column) of a tensor of floats is doubled in place.
extern "C" __global__ void tensor(const __grid_constant__ CUtensorMap map, int row, int column) {
  __shared__ alignas(128) float tile[16][32];
  __shared__ barrier bar;
  if (threadIdx.x == 0) {
    init(&bar, blockDim.x);
    cde::fence_proxy_async_shared_cta();
  }
  __syncthreads();
  barrier::arrival_token token;
  if (threadIdx.x == 0) {
    cde::cp_async_bulk_tensor_2d_global_to_shared(&tile, &map, column, row, bar);
    token = cuda::device::barrier_arrive_tx(bar, 1, sizeof(tile));
  } else {
    token = bar.arrive();
  }
  bar.wait(std::move(token));
  for (int i = threadIdx.x; i < 16 * 32; i += blockDim.x)
    tile[i / 32][i % 32] *= 2;
  cde::fence_proxy_async_shared_cta();
  __syncthreads();
  if (threadIdx.x == 0) {
    cde::cp_async_bulk_tensor_2d_shared_to_global(&map, column, row, &tile);
    cde::cp_async_bulk_commit_group();
    cde::cp_async_bulk_wait_group_read<0>();
  }
}

/// A histogram of 64 bins spread over the four blocks of a cluster.
extern "C" __global__ void __cluster_dims__(4, 1, 1) spread(const int *x, int *y, int n) {
  __shared__ int bins[16];
  cg::cluster_group cluster = cg::this_cluster();
  if (threadIdx.x < 16)
    bins[threadIdx.x] = 0;
  cluster.sync();
  for (int i = cluster.thread_rank(); i < n; i += cluster.num_threads()) {
    int *there = cluster.map_shared_rank(bins, x[i] / 16);
    atomicAdd(there + x[i] % 16, 1);
  }
  cluster.sync();
  if (threadIdx.x < 16)
    atomicAdd(y + cluster.block_rank() * 16 + threadIdx.x, bins[threadIdx.x]);
}
