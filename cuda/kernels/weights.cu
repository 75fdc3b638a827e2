// LinearBackwardWeights: the scaled sum of the records' gradients. The rows are
// cut into parts by the shapes alone; where there are several, each leaves its sum
// in parts, and weights_sum adds them up in their order.
#include "tile.h"

// dw [inputs, outputs] += xᵀ·diag(scale)·dy, db [outputs] += Σ scale·dy over rows:
// x [rows, inputs], dy [rows, outputs], scale [rows] or null, parts
// [gridDim.z, inputs+1, outputs] or null.
template <int T>
DEVICE void linear_backward_weights(float* dw, int dw_stride, float* db, const float* x, int x_stride, const float* dy,
                                    int dy_stride, const float* scale, int rows, int rows_of_part, int inputs, int outputs, float* parts) {
  float sum[4][4], total[4];
  Operand left = {x, x_stride, inputs, (int)blockIdx.x * T}, right = {dy, dy_stride, outputs, (int)blockIdx.y * T};
  int from = (int)blockIdx.z * rows_of_part, end = rows - from < rows_of_part ? rows : from + rows_of_part;
  product<T, ACROSS, ACROSS>(sum, total, left, right, scale, from, end);
  int row = left.first + threadIdx.x / (T / 4) * 4, col = right.first + threadIdx.x % (T / 4) * 4;
  float* part = parts ? parts + (u64)blockIdx.z * (inputs + 1) * outputs : nullptr;
#pragma unroll
  for (int dj = 0; dj < 4; dj++) {
    int j = col + dj;
    if (j >= outputs) continue;
#pragma unroll
    for (int di = 0; di < 4; di++) {
      int i = row + di;
      if (i >= inputs) continue;
      if (part) part[(u64)i * outputs + j] = sum[di][dj];
      else dw[(u64)i * dw_stride + j] += sum[di][dj];
    }
    if (row != 0) continue;
    if (part) part[(u64)inputs * outputs + j] = total[dj];
    else db[j] += total[dj];
  }
}

#define WEIGHTS(T)                                                                                                           \
  KERNEL(T* T / 16)                                                                                                          \
  linear_backward_weights_##T(float* dw, int dw_stride, float* db, const float* x, int x_stride, const float* dy,           \
                              int dy_stride, const float* scale, int rows, int rows_of_part, int inputs, int outputs,       \
                              float* parts) {                                                                                \
    linear_backward_weights<T>(dw, dw_stride, db, x, x_stride, dy, dy_stride, scale, rows, rows_of_part, inputs, outputs,   \
                               parts);                                                                                       \
  }

WEIGHTS(32)
WEIGHTS(64)

// One thread an element of dw and db.
KERNEL(256) weights_sum(float* dw, int dw_stride, float* db, const float* parts, int number, int inputs, int outputs) {
  u64 t = thread_number(), n = (u64)(inputs + 1) * outputs;
  if (t >= n) return;
  float sum = 0;
  for (int p = 0; p < number; p++) sum += parts[p * n + t];
  u64 i = t / outputs, j = t % outputs;
  if (i < (u64)inputs) dw[i * dw_stride + j] += sum;
  else db[j] += sum;
}
