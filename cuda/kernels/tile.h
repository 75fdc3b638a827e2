// A tile of a product of matrices in float32: T×T elements by (T/4)² threads of
// 4×4 each. The inner dimension is cut into steps of DEPTH; while a step is in
// shared memory, the next is already on its way to registers.
#pragma once
#include "dev.h"

const int DEPTH = 16;

// How an operand lies in memory: along its inner dimension, or across it.
enum { ALONG, ACROSS };

// Element (outer, inner).
template <int ORDER> DEVICE float element(const float* m, int stride, u64 outer, u64 inner) {
  return ORDER == ALONG ? m[outer * stride + inner] : m[inner * stride + outer];
}

struct Operand {
  const float* data;
  int stride;
  int size;  // of the outer dimension
  int first; // of this tile in the outer dimension
};

// The part of an operand that one thread moves.
template <int T, int ORDER> struct Share {
  static const int THREADS = T * T / 16, N = T * DEPTH / THREADS;
  float value[N];
};

// Where element e of a T×DEPTH step lies: neighbouring threads read neighbours.
template <int T, int ORDER> DEVICE int outer_of(int e) { return ORDER == ALONG ? e / DEPTH : e % T; }
template <int T, int ORDER> DEVICE int inner_of(int e) { return ORDER == ALONG ? e % DEPTH : e / T; }

// Reads the step at k. Rows of the inner dimension with scale 0 are not read, so
// that nothing of them gets through; SCALES multiplies by the scale as well.
template <int T, int ORDER, bool SCALES>
DEVICE void read_step(Share<T, ORDER>& to, const Operand& m, const float* scale, int k, int end) {
#pragma unroll
  for (int i = 0; i < Share<T, ORDER>::N; i++) {
    int e = threadIdx.x + i * Share<T, ORDER>::THREADS;
    int outer = m.first + outer_of<T, ORDER>(e), inner = k + inner_of<T, ORDER>(e);
    float v = 0;
    if (outer < m.size && inner < end) {
      float factor = scale ? scale[inner] : 1.0f;
      if (factor != 0) {
        v = element<ORDER>(m.data, m.stride, outer, inner);
        if (SCALES) v = factor * v;
      }
    }
    to.value[i] = v;
  }
}

template <int T, int ORDER> DEVICE void keep_step(float (*to)[T + 4], const Share<T, ORDER>& from) {
#pragma unroll
  for (int i = 0; i < Share<T, ORDER>::N; i++) {
    int e = threadIdx.x + i * Share<T, ORDER>::THREADS;
    to[inner_of<T, ORDER>(e)][outer_of<T, ORDER>(e)] = from.value[i];
  }
}

// sum[i][j] = Σ_k a(row i, k)·b(column j, k) for k in [from, end), of this thread's
// rows a.first + 4·(thread / (T/4)) + i and columns b.first + 4·(thread % (T/4)) + j;
// total[j] = Σ_k b(column j, k).
template <int T, int A, int B>
DEVICE void product(float (*sum)[4], float* total, const Operand& a, const Operand& b, const float* scale, int from, int end) {
  __shared__ float left[DEPTH][T + 4], right[DEPTH][T + 4];
  int row = threadIdx.x / (T / 4) * 4, col = threadIdx.x % (T / 4) * 4;
  for (int i = 0; i < 4; i++) {
    total[i] = 0;
    for (int j = 0; j < 4; j++) sum[i][j] = 0;
  }
  Share<T, A> next_left;
  Share<T, B> next_right;
  read_step<T, A, false>(next_left, a, scale, from, end);
  read_step<T, B, true>(next_right, b, scale, from, end);
  for (int k = from; k < end; k += DEPTH) {
    keep_step<T, A>(left, next_left);
    keep_step<T, B>(right, next_right);
    __syncthreads();
    if (k + DEPTH < end) {
      read_step<T, A, false>(next_left, a, scale, k + DEPTH, end);
      read_step<T, B, true>(next_right, b, scale, k + DEPTH, end);
    }
#pragma unroll
    for (int step = 0; step < DEPTH; step++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        float r = right[step][col + j];
        total[j] += r;
#pragma unroll
        for (int i = 0; i < 4; i++) sum[i][j] = __builtin_fmaf(left[step][row + i], r, sum[i][j]);
      }
    }
    __syncthreads();
  }
}
