// HeadsForward and HeadsBackward: a warp a span of a row.
#include "layout.h"
#include "random.h"

// Softmax of scale·x over n cells, from x in dst; returns the first maximum.
DEVICE int softmax(float* dst, int n, float scale) {
  float top = -__builtin_inff();
  int at = n;
  for (int m = lane_number(); m < n; m += 32)
    if (dst[m] > top || at == n) {
      top = dst[m];
      at = m;
    }
  at = warp_argmax(&top, at);
  float sum = 0;
  for (int m = lane_number(); m < n; m += 32) {
    dst[m] = exp_negative((dst[m] - top) * scale);
    sum += dst[m];
  }
  float inverse = 1 / warp_sum(sum);
  for (int m = lane_number(); m < n; m += 32) dst[m] *= inverse;
  return at;
}

// hard, soft and logits [rows, width].
KERNEL(128) heads_forward(float* hard, int hard_stride, float* soft, int soft_stride, const float* logits, int logits_stride,
                          int rows, int width, const Span* spans, int number, float inverse_tau, const u64* seed,
                          const u64* step, u32 stream) {
  u64 warp = warp_number(), row = warp / number;
  if (row >= (u64)rows) return;
  Span s = spans[warp % number];
  const float* z = logits + row * logits_stride;
  float *h = hard + row * hard_stride, *y = soft + row * soft_stride;
  Draw draw = draw_from(seed, step, stream);
  for (int m = s.first + lane_number(); m < s.first + s.modes; m += 32) y[m] = z[m] + gumbel(draw, row * width + m);
  int best = softmax(y + s.first, s.modes, inverse_tau);
  for (int m = lane_number(); m < s.modes; m += 32) h[s.first + m] = m == best;
}

// dlogits, d and soft [rows, width].
KERNEL(128) heads_backward(float* dlogits, int dlogits_stride, const float* d, int d_stride, const float* soft, int soft_stride,
                           int rows, const Span* spans, int number, float inverse_tau) {
  u64 warp = warp_number(), row = warp / number;
  if (row >= (u64)rows) return;
  Span s = spans[warp % number];
  float* dz = dlogits + row * dlogits_stride;
  const float *g = d + row * d_stride, *y = soft + row * soft_stride;
  float inner = 0;
  for (int m = s.first + lane_number(); m < s.first + s.modes; m += 32) inner += y[m] * g[m];
  inner = warp_sum(inner);
  for (int m = s.first + lane_number(); m < s.first + s.modes; m += 32) dz[m] = inverse_tau * y[m] * (g[m] - inner);
}
