// PairGradients: sums of integers, which have no order, so that any number of threads add
// to a weight; one thread a row and table.
#include "column.h"

struct PairTable {
  int a, b, target; // columns; target -1 if there is none
  u32 count_b, count_target, gradient;
  u64 offset; // of the first weight
};

// The blocks of a table follow each other, places rows in all.
KERNEL(256) pair_gradients(u64* sum, const Column* columns, u32 rows, const PairTable* tables, u32 places, const u32* indices,
                           const u32* count, u32* fault) {
  u32 blocks = (places + 255) / 256, i = blockIdx.x % blocks * 256 + threadIdx.x;
  if (i >= places || i >= *count) return;
  u32 row = indices[i];
  if (strays(row, rows, fault)) return;
  PairTable t = tables[blockIdx.x / blocks];
  u64 at = (u64)code_at(columns[t.a], row) * t.count_b + code_at(columns[t.b], row);
  if (t.target >= 0) at = at * t.count_target + code_at(columns[t.target], row);
  atomic_add(sum + t.offset + at, t.gradient);
}
