// LinearForward and LinearBackwardData. The names end in the tile.
#include "activation.h"
#include "tensor.h"
#include "tile.h"

// y = act(x·w + b): x [rows, inner], w [inner, cols], b [cols], y [rows, cols].
template <class Tile>
DEVICE void linear_forward(float* y, int y_stride, const float* x, int x_stride, const float* w, int w_stride, const float* b,
                           int rows, int inner, int cols, Activation act, Draw draw) {
  float sum[Tile::ELEMENTS], totals[Tile::TOTALS];
  Operand left = {x, x_stride, rows, (int)blockIdx.x * Tile::SIDE}, right = {w, w_stride, cols, (int)blockIdx.y * Tile::SIDE};
  Tile::template product<ALONG, ACROSS>(sum, totals, left, right, 0, inner);
#pragma unroll
  for (int e = 0; e < Tile::ELEMENTS; e++) {
    int i = left.first + Tile::row(e), j = right.first + Tile::col(e);
    if (i < rows && j < cols) y[(u64)i * y_stride + j] = activate(act, sum[e] + b[j], draw, (u64)i * cols + j);
  }
}

// dx = (dy·wᵀ) ⊙ act′(x), or dx + that: dy [rows, inner], w [cols, inner], dx and x [rows, cols].
template <class Tile>
DEVICE void linear_backward_data(float* dx, int dx_stride, const float* dy, int dy_stride, const float* w, int w_stride,
                                 const float* x, int x_stride, int rows, int inner, int cols, Activation act, flag accumulate) {
  float sum[Tile::ELEMENTS], totals[Tile::TOTALS];
  Operand left = {dy, dy_stride, rows, (int)blockIdx.x * Tile::SIDE}, right = {w, w_stride, cols, (int)blockIdx.y * Tile::SIDE};
  Tile::template product<ALONG, ALONG>(sum, totals, left, right, 0, inner);
#pragma unroll
  for (int e = 0; e < Tile::ELEMENTS; e++) {
    int i = left.first + Tile::row(e), j = right.first + Tile::col(e);
    if (i >= rows || j >= cols) continue;
    float g = sum[e];
    if (act.kind != 0) g = derive(act, g, x[(u64)i * x_stride + j]);
    float* to = dx + (u64)i * dx_stride + j;
    *to = accumulate ? *to + g : g;
  }
}

// Dropout needs a stream; without it the pointers are null and not read.
DEVICE Draw draw_if(float dropout, const u64* seed, const u64* step, u32 stream) {
  return dropout == 0 ? Draw{} : draw_from(seed, step, stream);
}

#define LINEAR(NAME, TILE)                                                                                                    \
  KERNEL(TILE::THREADS)                                                                                                       \
  linear_forward_##NAME(float* y, int y_stride, const float* x, int x_stride, const float* w, int w_stride, const float* b,  \
                        int rows, int inner, int cols, int kind, float dropout, float keep, const u64* seed,                 \
                        const u64* step, u32 stream) {                                                                        \
    linear_forward<TILE>(y, y_stride, x, x_stride, w, w_stride, b, rows, inner, cols, Activation{kind, dropout, keep},       \
                         draw_if(dropout, seed, step, stream));                                                               \
  }                                                                                                                           \
  KERNEL(TILE::THREADS)                                                                                                       \
  linear_backward_data_##NAME(float* dx, int dx_stride, const float* dy, int dy_stride, const float* w, int w_stride,        \
                              const float* x, int x_stride, int rows, int inner, int cols, int kind, float dropout,          \
                              float keep, flag accumulate) {                                                                  \
    linear_backward_data<TILE>(dx, dx_stride, dy, dy_stride, w, w_stride, x, x_stride, rows, inner, cols,                    \
                               Activation{kind, dropout, keep}, accumulate);                                                  \
  }

LINEAR(32, Tile<32>)
LINEAR(64, Tile<64>)
#if !defined(__CUDA__) || __CUDA_ARCH__ >= 800
LINEAR(tf32_32, TensorTile<32>)
LINEAR(tf32_64, TensorTile<64>)
LINEAR(tf32_128, TensorTile<128>)
#endif
