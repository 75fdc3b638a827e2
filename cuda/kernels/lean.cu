// Lean: squared lengths, then the sum.
#include "dev.h"

// squares [2, parts]: those of the elements of d and of pull, [rows, cols] both. Warp k
// of parts takes every parts-th row from the k-th on.
KERNEL(128) lean_squares(double* squares, const float* d, int d_stride, const float* pull, int pull_stride, int rows, int cols, int parts) {
  u64 part = warp_number();
  double length = 0, other = 0;
  for (u64 i = part; i < (u64)rows; i += parts)
    for (int j = lane_number(); j < cols; j += 32) {
      double x = d[i * d_stride + j], y = pull[i * pull_stride + j];
      length += x * x;
      other += y * y;
    }
  length = warp_sum(length);
  other = warp_sum(other);
  if (part >= (u64)parts || lane_number() != 0) return;
  squares[part] = length;
  squares[parts + part] = other;
}

// d [rows, cols] += share·√(length/other)·pull: a warp a row.
KERNEL(128) lean(float* d, int d_stride, const float* pull, int pull_stride, const double* squares, int rows, int cols, int parts, float share) {
  u64 row = warp_number();
  if (row >= (u64)rows) return;
  double length = 0, other = 0;
  for (int k = lane_number(); k < parts; k += 32) {
    length += squares[k];
    other += squares[parts + k];
  }
  length = warp_sum(length);
  other = warp_sum(other);
  float scale = (float)(share * __builtin_sqrt(length / other));
  if (scale == 0 || !(scale - scale == 0)) return; // pull is infinite, or there is none
  for (int j = lane_number(); j < cols; j += 32) d[row * d_stride + j] += scale * pull[row * pull_stride + j];
}
