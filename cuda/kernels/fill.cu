// Copy, Fill and Increment.
#include "dev.h"

// dst and src [rows, cols].
KERNEL(256) copy(float* dst, int dst_stride, const float* src, int src_stride, int rows, int cols) {
  u64 t = thread_number();
  if (t < (u64)rows * cols) dst[t / cols * dst_stride + t % cols] = src[t / cols * src_stride + t % cols];
}

KERNEL(256) fill(float* dst, u64 n, float value) {
  u64 i = thread_number();
  if (i < n) dst[i] = value;
}

KERNEL(32) increment(u64* counter0, u64* counter1, u64* counter2, u64* counter3) {
  count_up(counter0, counter1, counter2, counter3);
}
