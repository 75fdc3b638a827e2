// ClippedSum, first part: by what each record's deltas are multiplied, and how that is
// rounded. A warp a record.
#include "clipped.h"

// Σ xⱼ² of a row in float64, where every square is exact.
DEVICE double sum_of_squares(const float* x, int n) {
  double sum = 0;
  for (int j = lane_number(); j < n; j += 32) sum += (double)x[j] * (double)x[j];
  return warp_sum(sum);
}

// That of a row's integers, exact below 2^53; NaN if share·x is not finite.
DEVICE double grid_squares(const float* x, int n, float share) {
  u64 sum = 0;
  float poison = 0;
  for (int j = lane_number(); j < n; j += 32) {
    float v = share * x[j];
    int integer = on_grid(x[j], share);
    sum += (u32)(integer * integer);
    poison += v - v;
  }
  return (double)warp_sum(sum) + (double)warp_sum(poison);
}

// device.ClipFactor.
DEVICE float clip_factor(double square, double max_grad_norm) {
  if (!(square <= 1.7976931348623157e308)) return 0; // infinite or NaN
  double all = 1 / max_grad_norm, own = 1 / ((1 + 1.0 / 1024) * __builtin_sqrt(square));
  return (float)((own < all ? own : all) * 32768);
}

// device.MostSquare.
const double MOST_SQUARE = 70368744177664.0 * (1 - 1.0 / 1099511627776.0);

// shares [rows]: what on_grid takes for each record's deltas, 0 if it adds nothing.
// If there are more layers than a launch takes, all launches with norms come before
// all with lengths; carried [3, rows] has the sums so far, unless begins, and leaves
// them unless ends. count may be null.
KERNEL(128) clip_records(float* shares, double* carried, u32 rows, const u32* count, double max_grad_norm, flag norms, flag lengths,
                         flag begins, flag ends, int layers, GradientLayers all) {
  u64 row = warp_number();
  if (row >= rows) return;
  if (count && row >= *count) {
    if (lane_number() == 0) shares[row] = 0;
    return;
  }
  double factors[LAYERS]; // ‖a‖² + 2^(2·InputBits)
  double square = begins && norms ? 0 : carried[row];
  double nearest = begins ? 0 : carried[rows + row], towards = begins ? 0 : carried[2ull * rows + row];
#pragma unroll 1
  for (int l = 0; l < layers; l++) {
    const GradientLayer& g = all.of[l];
    const float* delta = g.delta + row * (g.delta_shape >> 32);
    factors[l] = grid_squares(g.input + row * (g.input_shape >> 32), (u32)g.input_shape, INPUT_GRID) + 65536;
    if (norms) square += factors[l] / 65536 * sum_of_squares(delta, (u32)g.delta_shape);
  }
  float factor = clip_factor(square, max_grad_norm);
#pragma unroll 1
  for (int l = 0; lengths && l < layers; l++) {
    const GradientLayer& g = all.of[l];
    const float* delta = g.delta + row * (g.delta_shape >> 32);
    nearest += factors[l] * grid_squares(delta, (u32)g.delta_shape, factor);
    towards += factors[l] * grid_squares(delta, (u32)g.delta_shape, -factor);
  }
  if (lane_number() != 0) return;
  if (lengths && ends) {
    shares[row] = nearest <= MOST_SQUARE ? factor : towards <= MOST_SQUARE ? -factor : 0.0f;
    return;
  }
  carried[row] = square;
  carried[rows + row] = nearest;
  carried[2ull * rows + row] = towards;
}
