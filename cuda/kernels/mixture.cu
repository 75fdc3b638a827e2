// Softmax: a warp a span of a row. MomentDelta: what goes on between its products.
#include "dev.h"
#include "layout.h"

// p and logits [rows, width].
KERNEL(128) softmax_spans(float* p, int p_stride, const float* logits, int logits_stride, int rows, const Span* spans, int number) {
  u64 warp = warp_number(), row = warp / number;
  if (row >= (u64)rows) return;
  Span s = spans[warp % number];
  const float* z = logits + row * logits_stride;
  float* y = p + row * p_stride;
  for (int m = s.first + lane_number(); m < s.first + s.modes; m += 32) y[m] = z[m];
  softmax(y + s.first, s.modes, 1.0f);
}

// The residuals of one table of single cells, a warp a cell: residual [cells] gets
// 2/N·weight·(mean - one), losses [cells] the terms of the loss.
KERNEL(128) moment_one(float* residual, double* losses, const float* p, int p_stride, int rows, int cells, const float* one,
                       const float* weight) {
  u64 j = warp_number();
  if (j >= (u64)cells) return;
  double sum = 0;
  for (int i = lane_number(); i < rows; i += 32) sum += p[(u64)i * p_stride + j];
  double difference = warp_sum(sum) / rows - one[j];
  if (lane_number() != 0) return;
  losses[j] = weight[j] * difference * difference;
  residual[j] = (float)(2.0 / rows * weight[j] * difference);
}

// d [rows, cells]: each row becomes residual.
KERNEL(256) moment_begin(float* d, int d_stride, const float* residual, int rows, int cells) {
  u64 t = thread_number();
  if (t < (u64)rows * cells) d[t / cells * d_stride + t % cells] = residual[t % cells];
}

// share [rows] becomes column slice of p, or 1 if slice < 0; weighed [rows, cells] each
// row of p times that.
KERNEL(256) moment_weigh(float* share, float* weighed, int weighed_stride, const float* p, int p_stride, int rows, int cells, int slice) {
  u64 t = thread_number(), i = t / cells, j = t % cells;
  if (t >= (u64)rows * cells) return;
  float factor = slice < 0 ? 1.0f : p[i * p_stride + slice];
  weighed[i * weighed_stride + j] = factor * p[i * p_stride + j];
  if (j == 0) share[i] = factor;
}

KERNEL(256) moment_clear(float* moment, int moment_stride, int cells) {
  u64 t = thread_number();
  if (t < (u64)cells * cells) moment[t / cells * moment_stride + t % cells] = 0;
}

// moment [cells, cells] becomes weight·(moment·scale - target), a warp a row.
KERNEL(128) moment_residual(float* moment, int moment_stride, const float* target, int target_stride, const float* weight,
                            int weight_stride, double* losses, int cells, float scale) {
  u64 a = warp_number();
  if (a >= (u64)cells) return;
  float* m = moment + a * moment_stride;
  const float *t = target + a * target_stride, *w = weight + a * weight_stride;
  double sum = 0;
  for (int b = lane_number(); b < cells; b += 32) {
    float difference = m[b] * scale - t[b];
    m[b] = w[b] * difference;
    sum += (double)m[b] * difference;
  }
  sum = warp_sum(sum);
  if (lane_number() == 0) losses[a] = sum;
}

// loss becomes, or grows by, the sum of losses [cells]: one warp.
KERNEL(32) moment_loss(float* loss, const double* losses, int cells, flag first) {
  double sum = 0;
  for (int j = lane_number(); j < cells; j += 32) sum += losses[j];
  sum = warp_sum(sum);
  if (lane_number() == 0) loss[0] = (first ? 0.0f : loss[0]) + (float)sum;
}

// d += 4/N·share⊙product, and column slice of d += 2/N·rowsum(product⊙p): a warp a row.
KERNEL(128) moment_gradient(float* d, int d_stride, const float* product, int product_stride, const float* p, int p_stride,
                            const float* share, int rows, int cells, int slice, float scale) {
  u64 i = warp_number();
  if (i >= (u64)rows) return;
  float* out = d + i * d_stride;
  const float *v = product + i * product_stride, *q = p + i * p_stride;
  float factor = 4 * scale * share[i], inner = 0;
  for (int j = lane_number(); j < cells; j += 32) {
    inner += v[j] * q[j];
    float term = factor * v[j];
    if (j != slice) out[j] += term;
  }
  inner = warp_sum(inner);
  if (slice >= 0 && lane_number() == 0) out[slice] += factor * v[slice] + 2 * scale * inner;
}
