// BatchNormForward and BatchNormBackward: a block owns 8 columns. The names end in
// the number of threads a column.
#include "dev.h"

const int COLUMNS = 8;

// Sum of v over the threads of a column, in their order.
template <int LANES> DEVICE double column_sum(double v, int col, int lane) {
  __shared__ double parts[LANES][COLUMNS + 1];
  parts[lane][col] = v;
  __syncthreads();
  double sum = 0;
  for (int k = 0; k < LANES; k++) sum += parts[k][col];
  __syncthreads();
  return sum;
}

// y = relu(γ(x-μ)/√(v+ε) + β), and the statistics of x [rows, cols]. y may lie in x.
template <int LANES>
DEVICE void batch_norm_forward(float* y, int y_stride, const float* x, int x_stride, int rows, int cols, const float* gamma,
                               const float* beta, float* mean, float* inverse_std) {
  int col = threadIdx.x % COLUMNS, lane = threadIdx.x / COLUMNS, j = blockIdx.x * COLUMNS + col;
  bool mine = j < cols;
  double sum = 0;
  if (mine)
    for (int i = lane; i < rows; i += LANES) sum += x[(u64)i * x_stride + j];
  double m = column_sum<LANES>(sum, col, lane) / rows;
  sum = 0;
  if (mine)
    for (int i = lane; i < rows; i += LANES) {
      double d = x[(u64)i * x_stride + j] - m;
      sum += d * d;
    }
  double squares = column_sum<LANES>(sum, col, lane);
  if (!mine) return;
  float centre = (float)m, inverse = (float)(1 / __builtin_sqrt(squares / rows + 1e-5)), factor = gamma[j] * inverse;
  if (lane == 0) {
    mean[j] = centre;
    inverse_std[j] = inverse;
  }
  for (int i = lane; i < rows; i += LANES) {
    float v = (x[(u64)i * x_stride + j] - centre) * factor + beta[j];
    y[(u64)i * y_stride + j] = v < 0 ? 0.0f : v;
  }
}

// dx = γ/√(v+ε)·(g - mean g - x̂·mean(g·x̂)) with g = dy where y > 0; dγ += Σ g·x̂,
// dβ += Σ g. dx may lie in dy.
template <int LANES>
DEVICE void batch_norm_backward(float* dx, int dx_stride, const float* dy, int dy_stride, const float* x, int x_stride,
                                const float* y, int y_stride, int rows, int cols, const float* gamma, const float* mean,
                                const float* inverse_std, float* dgamma, float* dbeta) {
  int col = threadIdx.x % COLUMNS, lane = threadIdx.x / COLUMNS, j = blockIdx.x * COLUMNS + col;
  bool mine = j < cols;
  float centre = mine ? mean[j] : 0, inverse = mine ? inverse_std[j] : 0;
  double plain = 0, weighted = 0;
  if (mine)
    for (int i = lane; i < rows; i += LANES)
      if (y[(u64)i * y_stride + j] > 0) {
        double g = dy[(u64)i * dy_stride + j];
        plain += g;
        weighted += g * (double)((x[(u64)i * x_stride + j] - centre) * inverse);
      }
  plain = column_sum<LANES>(plain, col, lane);
  weighted = column_sum<LANES>(weighted, col, lane);
  if (!mine) return;
  if (lane == 0) {
    dgamma[j] += (float)weighted;
    dbeta[j] += (float)plain;
  }
  float factor = gamma[j] * inverse, p = (float)(plain / rows), w = (float)(weighted / rows);
  for (int i = lane; i < rows; i += LANES) {
    float g = y[(u64)i * y_stride + j] > 0 ? dy[(u64)i * dy_stride + j] : 0.0f;
    float normalised = (x[(u64)i * x_stride + j] - centre) * inverse;
    dx[(u64)i * dx_stride + j] = factor * (g - p - normalised * w);
  }
}

#define BATCH_NORM(LANES)                                                                                                    \
  KERNEL(8 * LANES)                                                                                                          \
  batch_norm_forward_##LANES(float* y, int y_stride, const float* x, int x_stride, int rows, int cols, const float* gamma,   \
                             const float* beta, float* mean, float* inverse_std) {                                           \
    batch_norm_forward<LANES>(y, y_stride, x, x_stride, rows, cols, gamma, beta, mean, inverse_std);                         \
  }                                                                                                                          \
  KERNEL(8 * LANES)                                                                                                          \
  batch_norm_backward_##LANES(float* dx, int dx_stride, const float* dy, int dy_stride, const float* x, int x_stride,        \
                              const float* y, int y_stride, int rows, int cols, const float* gamma, const float* mean,       \
                              const float* inverse_std, float* dgamma, float* dbeta) {                                       \
    batch_norm_backward<LANES>(dx, dx_stride, dy, dy_stride, x, x_stride, y, y_stride, rows, cols, gamma, mean, inverse_std, \
                               dgamma, dbeta);                                                                               \
  }

BATCH_NORM(32)
BATCH_NORM(128)
