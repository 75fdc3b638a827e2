// PrivateAdam: noise and update in one pass over the parameters. A block makes the
// noise of 1,024 of them, eight a thread, and then updates neighbours together.
#include "adam.h"
#include "exact.h"

// (bits + ½)·2⁻⁵³ of the top 53 of 64 bits, in (0, 1].
DEVICE double wide_uniform(u32 low, u32 high) {
  return ((double)(((u64)high << 32 | low) >> 11) + 0.5) * (1.0 / 9007199254740992.0);
}

// A draw that float64 leaves open.
const long long UNDECIDED = -0x7fffffffffffffffll - 1;

// x to the nearest integer, if all reals within the error have the same.
DEVICE long long decide(double x, double within) {
  double nearest = __builtin_rint(x), off = x - nearest;
  return (off < 0 ? -off : off) + within < 0.5 ? (long long)nearest : UNDECIDED;
}

// device.RoundedNoise: draws 8b … 8b+7, within device.noiseError.
DEVICE void rounded_noise(long long* draws, const u32* key, u32 stream, u64 step, u32 b, double sigma) {
  u32 x[16];
  chacha20_block(x, key, b, stream, (u32)step, (u32)(step >> 32));
#pragma unroll
  for (int i = 0; i < 8; i += 2) {
    double u = wide_uniform(x[2 * i], x[2 * i + 1]), v = wide_uniform(x[2 * i + 2], x[2 * i + 3]);
    double sin, cos, radius = __builtin_sqrt(-2 * log_wide(u));
    double within = sigma * (4.44089209850062616169e-16 / (u * radius) + radius * 3.55271367880050092936e-15); // 2^-51, 2^-48
    sincos_wide(6.28318530717958647693 * v, &sin, &cos);
    draws[i] = decide(sigma * (radius * cos), within);
    draws[i + 1] = decide(sigma * (radius * sin), within);
  }
}

// All vectors [n]; sigma is the noise's in units of the sums, 0 for none. The gradient is
// (sum + noise)·per_private + open·per_public; sum and open become 0.
KERNEL(128) private_adam(float* parameters, float* first, float* second, u64 n, float beta1, float beta2, float epsilon,
                         const float* rate, const u64* step, u64* sum, u64* open, double per_private, double per_public,
                         const u32* key, const u64* noise_step, u32 stream, double sigma) {
  __shared__ long long draws[1024];
  __shared__ AdamStep s;
  Adam a = {parameters, first, second, beta1, beta2, epsilon};
  u64 from = (u64)blockIdx.x * 1024;
  if (threadIdx.x == 0) s = adam_step(a, rate, step);
  if (sigma > 0 && from + 8 * threadIdx.x < n) rounded_noise(draws + 8 * threadIdx.x, key, stream, *noise_step, (u32)(from / 8) + threadIdx.x, sigma);
  __syncthreads();
  for (int k = threadIdx.x; k < 1024 && from + k < n; k += 128) {
    u64 i = from + k;
    long long draw = sigma > 0 ? draws[k] : 0;
    if (draw == UNDECIDED) draw = exact_noise(key, stream, *noise_step, i, sigma);
    long long noised = (long long)(sum[i] + (u64)draw);
    update(a, s, i, (float)((double)noised * per_private + (double)(long long)open[i] * per_public));
    sum[i] = 0;
    open[i] = 0;
  }
}
