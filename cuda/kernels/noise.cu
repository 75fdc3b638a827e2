// PrivateAdam: noise and update in one pass over the parameters. A block makes the
// noise of 1,024 of them, eight a thread, and then updates neighbours together.
#include "adam.h"
#include "chacha.h"

// All vectors [n]; std is the noise's, 0 for none. sum and open become 0.
KERNEL(128) private_adam(float* parameters, float* first, float* second, u64 n, float beta1, float beta2, float epsilon,
                         const float* rate, const u64* step, float* sum, float* open, double private_count, double public_count,
                         const u32* key, const u64* noise_step, u32 stream, double std) {
  __shared__ double normals[1024];
  __shared__ AdamStep s;
  Adam a = {parameters, first, second, beta1, beta2, epsilon};
  u64 from = (u64)blockIdx.x * 1024;
  if (threadIdx.x == 0) s = adam_step(a, rate, step);
  if (std > 0 && from + 8 * threadIdx.x < n) noise_block(normals + 8 * threadIdx.x, key, stream, *noise_step, (u32)(from / 8) + threadIdx.x);
  __syncthreads();
  for (int k = threadIdx.x; k < 1024 && from + k < n; k += 128) {
    u64 i = from + k;
    double noised = sum[i];
    if (std > 0) {
      double grid = std / 1048576;
      noised = __builtin_rint((noised + std * normals[k]) / grid) * grid;
    }
    update(a, s, i, (float)(noised / private_count + (double)open[i] / public_count));
    sum[i] = 0;
    open[i] = 0;
  }
}
