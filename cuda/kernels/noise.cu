// PrivateAdam and PrivateMean: noise and update in one pass over the parameters. A block makes
// the noise of 1,024 of them, eight a thread, and then updates neighbours together.
#include "adam.h"
#include "noise.h"

// All vectors [n]. The gradient is (sum + noise)·per_private + open·per_public; sum and
// open become 0.
KERNEL(128) private_adam(float* parameters, float* first, float* second, u64 n, float beta1, float beta2, float epsilon,
                         const float* rate, const u64* step, u64* sum, u64* open, double per_private, double per_public,
                         const u32* key, const u64* noise_step, u32 stream, double sigma) {
  __shared__ long long draws[NOISED];
  __shared__ AdamStep s;
  Adam a = {parameters, first, second, beta1, beta2, epsilon};
  NoiseSource noise = {key, noise_step, stream, sigma};
  if (threadIdx.x == 0) s = adam_step(a, rate, step);
  block_noise(draws, n, noise);
  u64 from = (u64)blockIdx.x * NOISED;
  for (u64 i = from + threadIdx.x; i < from + NOISED && i < n; i += 128) {
    update(a, s, i, (float)(noised(sum[i], draws, i, noise) * per_private + (double)(long long)open[i] * per_public));
    sum[i] = 0;
    open[i] = 0;
  }
}

// PrivateMean: all vectors [n]; sum becomes 0.
KERNEL(128) private_mean(float* values, const float* scale, float* count, u64 n, u64* sum, double unit, const u32* key,
                         const u64* noise_step, u32 stream, double sigma) {
  __shared__ long long draws[NOISED];
  NoiseSource noise = {key, noise_step, stream, sigma};
  block_noise(draws, n, noise);
  u64 from = (u64)blockIdx.x * NOISED;
  for (u64 i = from + threadIdx.x; i < from + NOISED && i < n; i += 128) {
    double g = scale[i] * (noised(sum[i], draws, i, noise) * unit), observed = count[i] + 1.0, value = values[i];
    values[i] = (float)(value + (g - value) / observed);
    count[i] = (float)observed;
    sum[i] = 0;
  }
}
