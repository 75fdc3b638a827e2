// LinearForward and LinearBackwardData. The names end in the side of the tile.
#include "activation.h"
#include "tile.h"

// y = act(x·w + b): x [rows, inner], w [inner, cols], b [cols], y [rows, cols].
template <int T>
DEVICE void linear_forward(float* y, int y_stride, const float* x, int x_stride, const float* w, int w_stride, const float* b,
                           int rows, int inner, int cols, Activation act, Draw draw) {
  float sum[4][4], total[4];
  Operand left = {x, x_stride, rows, (int)blockIdx.x * T}, right = {w, w_stride, cols, (int)blockIdx.y * T};
  product<T, ALONG, ACROSS>(sum, total, left, right, nullptr, 0, inner);
  int row = left.first + threadIdx.x / (T / 4) * 4, col = right.first + threadIdx.x % (T / 4) * 4;
#pragma unroll
  for (int di = 0; di < 4; di++)
#pragma unroll
    for (int dj = 0; dj < 4; dj++) {
      int i = row + di, j = col + dj;
      if (i < rows && j < cols) y[(u64)i * y_stride + j] = activate(act, sum[di][dj] + b[j], draw, (u64)i * cols + j);
    }
}

// dx = (dy·wᵀ) ⊙ act′(x), or dx + that: dy [rows, inner], w [cols, inner], dx and x [rows, cols].
template <int T>
DEVICE void linear_backward_data(float* dx, int dx_stride, const float* dy, int dy_stride, const float* w, int w_stride,
                                 const float* x, int x_stride, int rows, int inner, int cols, Activation act, int accumulate) {
  float sum[4][4], total[4];
  Operand left = {dy, dy_stride, rows, (int)blockIdx.x * T}, right = {w, w_stride, cols, (int)blockIdx.y * T};
  product<T, ALONG, ALONG>(sum, total, left, right, nullptr, 0, inner);
  int row = left.first + threadIdx.x / (T / 4) * 4, col = right.first + threadIdx.x % (T / 4) * 4;
#pragma unroll
  for (int di = 0; di < 4; di++)
#pragma unroll
    for (int dj = 0; dj < 4; dj++) {
      int i = row + di, j = col + dj;
      if (i >= rows || j >= cols) continue;
      float g = sum[di][dj];
      if (act.kind != 0) g = derive(act, g, x[(u64)i * x_stride + j]);
      float* to = dx + (u64)i * dx_stride + j;
      *to = accumulate ? *to + g : g;
    }
}

// Dropout needs a stream; without it the pointers are null and not read.
DEVICE Draw draw_if(float dropout, const u64* seed, const u64* step, u32 stream) {
  return dropout == 0 ? Draw{} : draw_from(seed, step, stream);
}

#define LINEAR(T)                                                                                                             \
  KERNEL(T* T / 16)                                                                                                           \
  linear_forward_##T(float* y, int y_stride, const float* x, int x_stride, const float* w, int w_stride, const float* b,     \
                     int rows, int inner, int cols, int kind, float dropout, float keep, const u64* seed, const u64* step,   \
                     u32 stream) {                                                                                            \
    linear_forward<T>(y, y_stride, x, x_stride, w, w_stride, b, rows, inner, cols, Activation{kind, dropout, keep},          \
                      draw_if(dropout, seed, step, stream));                                                                  \
  }                                                                                                                           \
  KERNEL(T* T / 16)                                                                                                           \
  linear_backward_data_##T(float* dx, int dx_stride, const float* dy, int dy_stride, const float* w, int w_stride,           \
                           const float* x, int x_stride, int rows, int inner, int cols, int kind, float dropout, float keep, \
                           int accumulate) {                                                                                  \
    linear_backward_data<T>(dx, dx_stride, dy, dy_stride, w, w_stride, x, x_stride, rows, inner, cols,                       \
                            Activation{kind, dropout, keep}, accumulate);                                                     \
  }

LINEAR(32)
LINEAR(64)
