// ClipFactors: a warp a record, up to four layers a launch.
#include "dev.h"

// Σ xⱼ² of a row, in float64, where every square is exact.
DEVICE double sum_of_squares(const float* x, int n) {
  double sum = 0;
  for (int j = lane_number(); j < n; j += 32) sum += (double)x[j] * (double)x[j];
  return warp_sum(sum);
}

// (‖input‖²+1)·‖delta‖² of a row; a shape is the columns and, from bit 32 on, the stride.
DEVICE double layer_square(const float* input, u64 input_shape, const float* delta, u64 delta_shape, u64 row) {
  double in = sum_of_squares(input + row * (input_shape >> 32), (u32)input_shape);
  return (in + 1) * sum_of_squares(delta + row * (delta_shape >> 32), (u32)delta_shape);
}

// A factor below 2⁻¹²⁶ would be rounded by more than the clip margin allows for.
DEVICE float clip_factor(double target, double square) {
  if (!(square <= 1.7976931348623157e308)) return 0; // infinite or NaN
  double factor = target / __builtin_sqrt(square);
  if (factor > 1) factor = 1;
  return factor < 1.17549435082228750797e-38 ? 0.0f : (float)factor;
}

// scale [rows]. squares [rows] carries the sum from launch to launch: it is read
// unless first, and written instead of scale unless last. count may be null.
KERNEL(128) clip_factors(float* scale, double* squares, u32 rows, const u32* count, double target, int first, int last, int layers,
                         const float* input0, u64 input_shape0, const float* delta0, u64 delta_shape0,
                         const float* input1, u64 input_shape1, const float* delta1, u64 delta_shape1,
                         const float* input2, u64 input_shape2, const float* delta2, u64 delta_shape2,
                         const float* input3, u64 input_shape3, const float* delta3, u64 delta_shape3) {
  u64 row = warp_number();
  if (row >= rows) return;
  double square = first ? 0 : squares[row];
  bool counted = !count || row < *count;
  if (counted) {
    if (layers > 0) square += layer_square(input0, input_shape0, delta0, delta_shape0, row);
    if (layers > 1) square += layer_square(input1, input_shape1, delta1, delta_shape1, row);
    if (layers > 2) square += layer_square(input2, input_shape2, delta2, delta_shape2, row);
    if (layers > 3) square += layer_square(input3, input_shape3, delta3, delta_shape3, row);
  }
  if (lane_number() != 0) return;
  if (last) scale[row] = counted ? clip_factor(target, square) : 0.0f;
  else squares[row] = square;
}
