// LinearBackwardWeights: the sums of the records' gradients, of up to four layers a
// launch. The rows are cut into parts by the shapes alone; where there are
// several, each leaves its sum in parts, and weights_sum adds them up in their order.
// The Increments that follow, which have nothing to do with the sums, are done beside.
#include "tensor.h"
#include "tile.h"

// dw [inputs, outputs] += xᵀ·dy, db [outputs] += Σ dy over rows: x [rows, inputs],
// dy [rows, outputs], parts [⌈rows/rows_of_part⌉, inputs+1, outputs] or null.
struct WeightSum {
  float* dw;
  int dw_stride;
  float* db;
  const float* x;
  int x_stride;
  const float* dy;
  int dy_stride;
  float* parts;
  int rows, rows_of_part, inputs, outputs;
};

DEVICE int parts_of(const WeightSum& s) { return (s.rows + s.rows_of_part - 1) / s.rows_of_part; }
DEVICE u64 elements_of(const WeightSum& s) { return (u64)(s.inputs + 1) * s.outputs; }

// The number of tiles along n elements; there is one for the bias where there are no inputs.
DEVICE u32 tiles_of(int n, int side) { return n > side ? (n + side - 1) / side : 1; }

// One part of one tile.
template <class Tile> DEVICE void linear_backward_weights(const WeightSum& s, u32 block) {
  u32 down = tiles_of(s.inputs, Tile::SIDE), across = tiles_of(s.outputs, Tile::SIDE), number = block / (down * across);
  float sum[Tile::ELEMENTS], totals[Tile::TOTALS];
  Operand left = {s.x, s.x_stride, s.inputs, (int)(block % down) * Tile::SIDE};
  Operand right = {s.dy, s.dy_stride, s.outputs, (int)(block / down % across) * Tile::SIDE};
  int from = (int)number * s.rows_of_part, end = s.rows - from < s.rows_of_part ? s.rows : from + s.rows_of_part;
  Tile::template product<ACROSS, ACROSS>(sum, totals, left, right, from, end);
  float* part = s.parts ? s.parts + number * elements_of(s) : nullptr;
#pragma unroll
  for (int e = 0; e < Tile::ELEMENTS; e++) {
    int i = left.first + Tile::row(e), j = right.first + Tile::col(e);
    if (i >= s.inputs || j >= s.outputs) continue;
    if (part) part[(u64)i * s.outputs + j] = sum[e];
    else s.dw[(u64)i * s.dw_stride + j] += sum[e];
  }
  if (left.first != 0) return;
  Tile::gather(totals);
  if (!Tile::has_totals()) return;
#pragma unroll
  for (int e = 0; e < Tile::TOTALS; e++) {
    int j = right.first + Tile::total_col(e);
    if (j >= s.outputs) continue;
    if (part) part[(u64)s.inputs * s.outputs + j] = totals[e];
    else s.db[j] += totals[e];
  }
}

// Element t of dw and db.
DEVICE void add_parts(const WeightSum& s, u64 t) {
  u64 n = elements_of(s);
  if (t >= n) return;
  float sum = 0;
  for (int p = 0; p < parts_of(s); p++) sum += s.parts[p * n + t];
  u64 i = t / s.outputs, j = t % s.outputs;
  if (i < (u64)s.inputs) s.dw[i * s.dw_stride + j] += sum;
  else s.db[j] += sum;
}

#define SUM(N)                                                                                                            \
  float *dw##N, int dw_stride##N, float *db##N, const float *x##N, int x_stride##N, const float *dy##N, int dy_stride##N, \
      float *parts##N, int rows##N, int rows_of_part##N, int inputs##N, int outputs##N
#define SUM_OF(N) \
  WeightSum { dw##N, dw_stride##N, db##N, x##N, x_stride##N, dy##N, dy_stride##N, parts##N, rows##N, rows_of_part##N, inputs##N, outputs##N }

// Finds the sum that has this block and the block's number among its own, given how
// many blocks a sum has.
#define FIND(BLOCKS)                        \
  WeightSum s = SUM_OF(0);                  \
  u32 block = blockIdx.x;                   \
  if (block >= BLOCKS) {                    \
    block -= BLOCKS;                        \
    s = SUM_OF(1);                          \
    if (block >= BLOCKS) {                  \
      block -= BLOCKS;                      \
      s = SUM_OF(2);                        \
      if (block >= BLOCKS) {                \
        block -= BLOCKS;                    \
        s = SUM_OF(3);                      \
      }                                     \
    }                                       \
  }

#define WEIGHTS(NAME, TILE)                                                                                   \
  KERNEL(TILE::THREADS)                                                                                       \
  linear_backward_weights_##NAME(SUM(0), SUM(1), SUM(2), SUM(3), u64* counter0, u64* counter1, u64* counter2, \
                                 u64* counter3) {                                                             \
    count_up(counter0, counter1, counter2, counter3);                                                         \
    FIND(tiles_of(s.inputs, TILE::SIDE) * tiles_of(s.outputs, TILE::SIDE) * parts_of(s))                     \
    linear_backward_weights<TILE>(s, block);                                                                  \
  }

WEIGHTS(32, Tile<32>)
WEIGHTS(64, Tile<64>)
#if !defined(__CUDA__) || __CUDA_ARCH__ >= 800
WEIGHTS(tf32_32, TensorTile<32>)
WEIGHTS(tf32_64, TensorTile<64>)
WEIGHTS(tf32_128, TensorTile<128>)
#endif

// Sums without parts have no blocks.
KERNEL(256) weights_sum(SUM(0), SUM(1), SUM(2), SUM(3)) {
  FIND((s.parts ? (u32)((elements_of(s) + 255) / 256) : 0))
  add_parts(s, (u64)block * 256 + threadIdx.x);
}
