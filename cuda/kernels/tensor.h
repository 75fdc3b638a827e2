// A tile of a product of matrices whose operands are rounded to TF32, on tensor cores:
// T×T elements by two rows of warps. Sums are float32.
#pragma once
#include "operand.h"

#if !defined(__CUDA__) || __CUDA_ARCH__ >= 800

// x rounded to 11 significant bits, to nearest, ties away from zero. Numbers that would
// become infinite become the largest one, and subnormal ones 0.
DEVICE float to_tf32(float x) {
  u32 word = word_of(x), size = word & 0x7fffffffu;
  if (size >= 0x7f7ff000u && size < 0x7f800000u) return float_of((word & 0x80000000u) | 0x7f7fe000u);
  return size < 0x00800000u ? 0.0f : round_tf32(x);
}

// The fragments of m16n8k8 (PTX ISA, "Matrix fragments for mma.m16n8k8"): lane l has
// a(l/4 + 8·(i%2), l%4 + 4·(i/2)), b(l%4 + 4·i, l/4) and sum(l/4 + 8·(i/2), 2·(l%4) + i%2).
template <int T> struct TensorTile {
  static const int WARP_ROWS = 2, WARP_COLS = T > 64 ? 4 : 2;
  static const int DOWN = T / WARP_ROWS / 16, ACROSS_8 = T / WARP_COLS / 8; // fragments of a warp
  static const int SIDE = T, THREADS = 32 * WARP_ROWS * WARP_COLS;
  static const int ELEMENTS = 4 * DOWN * ACROSS_8, TOTALS = 1;
  static const int WIDTH = T + 8; // of a row in shared memory: a fragment then lies in 32 banks

  DEVICE int warp_row() { return threadIdx.x / 32 / WARP_COLS * DOWN * 16; }
  DEVICE int warp_col() { return threadIdx.x / 32 % WARP_COLS * ACROSS_8 * 8; }
  DEVICE int row(int e) { return warp_row() + e / 4 / ACROSS_8 * 16 + lane_number() / 4 + e % 4 / 2 * 8; }
  DEVICE int col(int e) { return warp_col() + e / 4 % ACROSS_8 * 8 + lane_number() % 4 * 2 + e % 2; }
  DEVICE int total_col(int) { return threadIdx.x; }
  DEVICE bool has_totals() { return threadIdx.x < T; }

  template <int ORDER> DEVICE void keep_step(float (*to)[WIDTH], const Share<T, ORDER, THREADS>& from) {
#pragma unroll
    for (int i = 0; i < from.N; i++) to[from.inner(i)][from.outer(i)] = to_tf32(from.value[i]);
  }

  // As Tile's, of rounded operands. *total sums, not rounded, what of column
  // threadIdx.x % T this thread moves, if B is ACROSS.
  template <int A, int B>
  DEVICE void product(float* sum, float* total, const Operand& a, const Operand& b, int from, int end) {
    __shared__ float left[DEPTH][WIDTH], right[DEPTH][WIDTH];
    *total = 0;
    for (int e = 0; e < ELEMENTS; e++) sum[e] = 0;
    Share<T, A, THREADS> next_left;
    Share<T, B, THREADS> next_right;
    read_step(next_left, a, from, end);
    read_step(next_right, b, from, end);
    for (int k = from; k < end; k += DEPTH) {
      keep_step(left, next_left);
      keep_step(right, next_right);
#pragma unroll
      for (int i = 0; i < next_right.N; i++) *total += next_right.value[i];
      __syncthreads();
      if (k + DEPTH < end) {
        read_step(next_left, a, k + DEPTH, end);
        read_step(next_right, b, k + DEPTH, end);
      }
#pragma unroll
      for (int step = 0; step < DEPTH; step += 8) multiply(sum, left + step, right + step);
      __syncthreads();
    }
  }

  // Adds the product of eight inner rows.
  DEVICE void multiply(float* sum, const float (*left)[WIDTH], const float (*right)[WIDTH]) {
    int outer = lane_number() / 4, inner = lane_number() % 4;
    u32 b[ACROSS_8][2];
#pragma unroll
    for (int j = 0; j < 2 * ACROSS_8; j++) b[j / 2][j % 2] = word_of(right[inner + j % 2 * 4][warp_col() + j / 2 * 8 + outer]);
#pragma unroll
    for (int i = 0; i < DOWN; i++) {
      u32 a[4];
#pragma unroll
      for (int h = 0; h < 4; h++) a[h] = word_of(left[inner + h / 2 * 4][warp_row() + i * 16 + outer + h % 2 * 8]);
#pragma unroll
      for (int j = 0; j < ACROSS_8; j++) mma_tf32(sum + 4 * (i * ACROSS_8 + j), a, b[j]);
    }
  }

  // Adds up the totals of the threads that moved parts of the same column.
  DEVICE void gather(float* total) {
    __shared__ float parts[THREADS];
    parts[threadIdx.x] = *total;
    __syncthreads();
    if (!has_totals()) return;
    for (int t = threadIdx.x + T; t < THREADS; t += T) *total += parts[t];
  }
};

#endif
