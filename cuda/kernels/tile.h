// A tile of a product of matrices in float32: T×T elements by (T/4)² threads of
// 4×4 each.
#pragma once
#include "operand.h"

template <int T> struct Tile {
  static const int SIDE = T, THREADS = T * T / 16;
  static const int ELEMENTS = 16, TOTALS = 4; // of a thread

  // Where a thread's elements and totals lie in the tile. Threads below T/4 have the totals.
  DEVICE int row(int e) { return threadIdx.x / (T / 4) * 4 + e / 4; }
  DEVICE int col(int e) { return threadIdx.x % (T / 4) * 4 + e % 4; }
  DEVICE int total_col(int e) { return threadIdx.x * 4 + e; }
  DEVICE bool has_totals() { return threadIdx.x < T / 4; }

  template <int ORDER> DEVICE void keep_step(float (*to)[T + 4], const Share<T, ORDER, THREADS>& from) {
#pragma unroll
    for (int i = 0; i < from.N; i++) to[from.inner(i)][from.outer(i)] = from.value[i];
  }

  // sum[e] = Σ_k a(row e, k)·b(column e, k) for k in [from, end), totals[e] = Σ_k
  // b(total column e, k).
  template <int A, int B>
  DEVICE void product(float* sum, float* totals, const Operand& a, const Operand& b, int from, int end) {
    __shared__ float left[DEPTH][T + 4], right[DEPTH][T + 4];
    for (int i = 0; i < TOTALS; i++) totals[i] = 0;
    for (int e = 0; e < ELEMENTS; e++) sum[e] = 0;
    Share<T, A, THREADS> next_left;
    Share<T, B, THREADS> next_right;
    read_step(next_left, a, from, end);
    read_step(next_right, b, from, end);
    for (int k = from; k < end; k += DEPTH) {
      keep_step(left, next_left);
      keep_step(right, next_right);
      __syncthreads();
      if (k + DEPTH < end) {
        read_step(next_left, a, k + DEPTH, end);
        read_step(next_right, b, k + DEPTH, end);
      }
#pragma unroll
      for (int step = 0; step < DEPTH; step++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          float r = right[step][col(j)];
          totals[j] += r;
#pragma unroll
          for (int i = 0; i < 4; i++) sum[4 * i + j] = __builtin_fmaf(left[step][row(4 * i)], r, sum[4 * i + j]);
        }
      }
      __syncthreads();
    }
  }

  // Threads with totals have all of them already.
  DEVICE void gather(float*) {}
};
