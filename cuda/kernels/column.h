// The columns of a table of codes on the GPU.
#pragma once
#include "dev.h"

struct Column { u64 codes; u64 bytes; }; // address and width of the codes of a column

DEVICE u32 code_at(Column c, u64 row) {
  if (c.bytes == 1) return ((const unsigned char*)c.codes)[row];
  if (c.bytes == 2) return ((const unsigned short*)c.codes)[row];
  return ((const u32*)c.codes)[row];
}

// Whether row lies beyond the table; fault becomes the largest that does, plus one.
DEVICE bool strays(u32 row, u32 rows, u32* fault) {
  if (row >= rows) atomic_max(fault, row == ~0u ? row : row + 1);
  return row >= rows;
}
