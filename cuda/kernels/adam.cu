// AdamUpdate, and the MovingAverage of what it updates.
#include "adam.h"

// All vectors [n]; gradient becomes 0. average may be null; rest is 1 - decay.
KERNEL(256) adam_update(float* parameters, float* first, float* second, u64 n, float beta1, float beta2, float epsilon,
                        const float* rate, const u64* step, float* gradient, float* average, float decay, float rest) {
  Adam a = {parameters, first, second, beta1, beta2, epsilon};
  __shared__ AdamStep s;
  if (threadIdx.x == 0) s = adam_step(a, rate, step);
  __syncthreads();
  u64 i = thread_number();
  if (i >= n) return;
  update(a, s, i, gradient[i]);
  gradient[i] = 0;
  if (average) average[i] = decay * average[i] + rest * parameters[i];
}
