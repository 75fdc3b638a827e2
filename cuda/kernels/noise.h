// Privacy noise of sums: device.RoundedNoise.
#pragma once
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

const int NOISED = 1024; // elements of a block

// Where the noise of a block's elements comes from; sigma is in units of the sums, 0 for
// none.
struct NoiseSource {
  const u32* key;
  const u64* step;
  u32 stream;
  double sigma;
};

// The noise of this block's elements of n, eight a thread, into draws [NOISED].
DEVICE void block_noise(long long* draws, u64 n, const NoiseSource& s) {
  u64 from = (u64)blockIdx.x * NOISED;
  if (s.sigma > 0 && from + 8 * threadIdx.x < n)
    rounded_noise(draws + 8 * threadIdx.x, s.key, s.stream, *s.step, (u32)(from / 8) + threadIdx.x, s.sigma);
  __syncthreads();
}

// sum and the noise of element i, of which draws [NOISED] has what is decided.
DEVICE double noised(u64 sum, const long long* draws, u64 i, const NoiseSource& s) {
  long long draw = s.sigma > 0 ? draws[i % NOISED] : 0;
  if (draw == UNDECIDED) draw = exact_noise(s.key, s.stream, *s.step, i, s.sigma);
  return (double)(long long)(sum + (u64)draw);
}
