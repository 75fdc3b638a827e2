// FillNormal, Copy, Fill and Increment.
#include "random.h"

// dst [rows, cols]: normal number i·cols + j, by Box and Muller; four a thread.
KERNEL(256) fill_normal(float* dst, int stride, int rows, int cols, const u64* seed, const u64* step, u32 stream) {
  u64 n = (u64)rows * cols, first = 4 * thread_number();
  if (first >= n) return;
  Words words = draw_block(draw_from(seed, step, stream), first / 4);
  float normals[4];
  for (int pair = 0; pair < 4; pair += 2) {
    float sin, cos, radius = __builtin_sqrtf(2 * neg_log(unit_interval(words.w[pair])));
    sincos_turn(unit_interval(words.w[pair + 1]), &sin, &cos);
    normals[pair] = radius * cos;
    normals[pair + 1] = radius * sin;
  }
  for (int k = 0; k < 4; k++) {
    u64 at = first + k;
    if (at < n) dst[at / cols * stride + at % cols] = normals[k];
  }
}

// dst and src [rows, cols].
KERNEL(256) copy(float* dst, int dst_stride, const float* src, int src_stride, int rows, int cols) {
  u64 t = thread_number();
  if (t < (u64)rows * cols) dst[t / cols * dst_stride + t % cols] = src[t / cols * src_stride + t % cols];
}

KERNEL(256) fill(float* dst, u64 n, float value) {
  u64 i = thread_number();
  if (i < n) dst[i] = value;
}

KERNEL(32) increment(u64* a, u64* b, u64* c, u64* d) { count_up(a, b, c, d); }
