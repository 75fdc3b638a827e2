// The operands of a product of matrices on their way to shared memory. The inner
// dimension is cut into steps of DEPTH; while a step is in shared memory, the next is
// already on its way to registers.
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

// The part of a T×DEPTH step that one of THREADS threads moves.
template <int T, int ORDER, int THREADS> struct Share {
  static const int N = T * DEPTH / THREADS;
  float value[N];

  // Where value i belongs: neighbouring threads read neighbours.
  DEVICE int outer(int i) {
    int e = threadIdx.x + i * THREADS;
    return ORDER == ALONG ? e / DEPTH : e % T;
  }
  DEVICE int inner(int i) {
    int e = threadIdx.x + i * THREADS;
    return ORDER == ALONG ? e % DEPTH : e / T;
  }
};

// Reads the step at k.
template <int T, int ORDER, int THREADS> DEVICE void read_step(Share<T, ORDER, THREADS>& to, const Operand& m, int k, int end) {
#pragma unroll
  for (int i = 0; i < to.N; i++) {
    int outer = m.first + to.outer(i), inner = k + to.inner(i);
    to.value[i] = outer < m.size && inner < end ? element<ORDER>(m.data, m.stride, outer, inner) : 0.0f;
  }
}
