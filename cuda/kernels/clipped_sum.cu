// ClippedSum, second part: the sums of the products of the records' integers. They
// have no order, so any number of blocks add to a sum.
#include "clipped.h"
#include "operand.h"

const int SUM_SIDE = 64, SUM_THREADS = 256; // a tile of weights, 4×4 a thread
const int SUM_RECORDS = 256; // whose products, below 2^23 each, fit 32 bits

typedef Share<SUM_SIDE, ACROSS, SUM_THREADS> SumShare; // of one column

DEVICE int tiles_down(const GradientLayer& g) { return ((int)g.input_shape + SUM_SIDE - 1) / SUM_SIDE; }
// The bias is done with the first tile down, so there is one where there are no inputs.
DEVICE int tiles_of(const GradientLayer& g) {
  int down = tiles_down(g);
  return (down > 1 ? down : 1) * (((int)g.delta_shape + SUM_SIDE - 1) / SUM_SIDE);
}

DEVICE void read_shares(float* to, const SumShare& at, const float* shares, int k, int end) {
#pragma unroll
  for (int i = 0; i < SumShare::N; i++) {
    int record = k + at.inner(i);
    to[i] = record < end ? shares[record] : 0.0f;
  }
}

// The sums over records [from, end) of a tile of weights and, with the first tile down,
// of its biases.
DEVICE void sum_tile(const GradientLayer& g, int tile, const float* shares, int from, int end) {
  __shared__ int inputs[DEPTH][SUM_SIDE + 4], deltas[DEPTH][SUM_SIDE + 4];
  int down = tiles_down(g) > 1 ? tiles_down(g) : 1, cols = (int)g.delta_shape;
  Operand left = {g.input, (int)(g.input_shape >> 32), (int)g.input_shape, tile % down * SUM_SIDE};
  Operand right = {g.delta, (int)(g.delta_shape >> 32), cols, tile / down * SUM_SIDE};
  long long sum[16] = {}, bias = 0;
  int part[16] = {};
  SumShare next_left, next_right;
  float next_shares[SumShare::N];
  read_step(next_left, left, from, end);
  read_step(next_right, right, from, end);
  read_shares(next_shares, next_right, shares, from, end);
  int row = threadIdx.x / 16 * 4, col = threadIdx.x % 16 * 4;
  for (int k = from; k < end; k += DEPTH) {
#pragma unroll
    for (int i = 0; i < SumShare::N; i++) {
      int delta = on_grid(next_right.value[i], next_shares[i]);
      inputs[next_left.inner(i)][next_left.outer(i)] = on_grid(next_left.value[i], INPUT_GRID);
      deltas[next_right.inner(i)][next_right.outer(i)] = delta;
      bias += delta;
    }
    __syncthreads();
    if (k + DEPTH < end) {
      read_step(next_left, left, k + DEPTH, end);
      read_step(next_right, right, k + DEPTH, end);
      read_shares(next_shares, next_right, shares, k + DEPTH, end);
    }
#pragma unroll
    for (int step = 0; step < DEPTH; step++)
#pragma unroll
      for (int e = 0; e < 16; e++) part[e] += inputs[step][row + e / 4] * deltas[step][col + e % 4];
    __syncthreads();
    if (k + DEPTH < end && (k + DEPTH - from) % SUM_RECORDS != 0) continue;
#pragma unroll
    for (int e = 0; e < 16; e++) {
      sum[e] += part[e];
      part[e] = 0;
    }
  }
#pragma unroll
  for (int e = 0; e < 16; e++) {
    int i = left.first + row + e / 4, j = right.first + col + e % 4;
    if (i < left.size && j < cols) atomic_add(g.weights + (u64)i * cols + j, (u64)sum[e]);
  }
  int j = right.first + (int)threadIdx.x % SUM_SIDE; // of all that this thread has moved
  if (left.first == 0 && j < cols) atomic_add(g.bias + j, (u64)bias << 8);
}

// shares [rows] as clip_records has left them. The rows are cut into parts, each of
// which has all tiles; see weights.cu for the counters.
KERNEL(SUM_THREADS) clipped_sum(const float* shares, int rows, int rows_of_part, int tiles, u64* counter0, u64* counter1,
                                u64* counter2, u64* counter3, GradientLayers all) {
  count_up(counter0, counter1, counter2, counter3);
  int tile = blockIdx.x % tiles, from = blockIdx.x / tiles * rows_of_part, l = 0;
  while (tile >= tiles_of(all.of[l])) tile -= tiles_of(all.of[l++]);
  sum_tile(all.of[l], tile, shares, from, rows - from < rows_of_part ? rows : from + rows_of_part);
}
