// OwnCondition and DrawCondition: one thread a condition cell.
#include "layout.h"
#include "random.h"

// dst [rows, width]: the mode cells of one conditioned span of x.
KERNEL(256) own_condition(float* dst, int stride, const float* x, int x_stride, int rows, int width, const Span* spans,
                          const int* conditioned, int number, const u64* seed, const u64* step, u32 stream) {
  u64 t = thread_number();
  if (t >= (u64)rows * width) return;
  u64 i = t / width;
  int cell = t % width;
  Draw draw = draw_from(seed, step, stream);
  float value = 0;
  if (number > 0) {
    Span s = spans[conditioned[pick(uniform(draw, i), number)]];
    int mode = cell - s.condition;
    if (mode >= 0 && mode < s.modes) value = x[i * x_stride + s.first + mode];
  }
  dst[i * stride + cell] = value;
}

// dst [rows, width]: one-hot at the first mode k of one conditioned span with
// v < cumulative[k], or the last. copy [rows, width] becomes the same; it may be null.
KERNEL(256) draw_condition(float* dst, int stride, float* copy, int copy_stride, int rows, int width, const Span* spans,
                           const int* conditioned, int number, const float* cumulative, const u64* seed, const u64* step, u32 stream) {
  u64 t = thread_number();
  if (t >= (u64)rows * width) return;
  u64 i = t / width;
  int cell = t % width;
  Draw draw = draw_from(seed, step, stream);
  float value = 0;
  if (number > 0) {
    Span s = spans[conditioned[pick(uniform(draw, 2 * i), number)]];
    int mode = cell - s.condition;
    if (mode >= 0 && mode < s.modes) {
      float v = uniform(draw, 2 * i + 1);
      value = (mode == 0 || v >= cumulative[cell - 1]) && (mode == s.modes - 1 || v < cumulative[cell]);
    }
  }
  dst[i * stride + cell] = value;
  if (copy) copy[i * copy_stride + cell] = value;
}
