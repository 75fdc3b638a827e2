// LogisticDelta, in one block: its rows are few against the layers' elements.
#include "elementary.h"

// σ(-|z|), and e^-|z| by *e.
DEVICE float small_side(float z, float* e) {
  *e = exp_negative(z < 0 ? z : -z);
  return *e / (1 + *e);
}

// ln(1+e) for e in [0, 1]: the factor e/(u-1) makes up for the rounding of u = 1+e.
DEVICE float log_plus_one(float e) {
  float u = 1 + e;
  return u == 1 ? e : -neg_log(u) * (e / (u - 1));
}

// delta and logits [rows, 1]; stats[2] or null: mean loss and share of rows on
// target's side.
KERNEL(1024) logistic_delta(float* delta, int delta_stride, const float* logits, int logits_stride, int rows, float target,
                           float weight, float* stats) {
  __shared__ double losses[1024];
  __shared__ int rights[1024];
  double loss = 0;
  int right = 0;
  for (int i = threadIdx.x; i < rows; i += 1024) {
    float z = logits[(u64)i * logits_stride], e, side = small_side(z, &e);
    // σ(z) - target, from whichever of σ(z) and 1-σ(z) is not rounded away.
    float difference = z < 0 ? side - target : (1 - target) - side;
    delta[(u64)i * delta_stride] = weight * difference;
    loss += (z > 0 ? (double)z : 0.0) + (double)log_plus_one(e) - (double)target * (double)z;
    right += (target > 0.5f && z > 0) || (target <= 0.5f && z < 0);
  }
  if (!stats) return;
  losses[threadIdx.x] = loss;
  rights[threadIdx.x] = right;
  for (int half = 512; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < (u32)half) {
      losses[threadIdx.x] += losses[threadIdx.x + half];
      rights[threadIdx.x] += rights[threadIdx.x + half];
    }
  }
  if (threadIdx.x == 0) {
    double n = rows > 1 ? rows : 1;
    stats[0] = (float)(losses[0] / n);
    stats[1] = (float)(rights[0] / n);
  }
}
