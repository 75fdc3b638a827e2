// Upload: small uploads, fetched from the host's page-locked memory.
#include "dev.h"

// Row y of the grid copies pair y of addresses, words of 4 bytes.
KERNEL(256) upload(u32* to0, const u32* from0, int words0, u32* to1, const u32* from1, int words1, u32* to2, const u32* from2,
                    int words2, u32* to3, const u32* from3, int words3) {
  u32 y = blockIdx.y, i = blockIdx.x * 256 + threadIdx.x;
  u32* to = y == 0 ? to0 : y == 1 ? to1 : y == 2 ? to2 : to3;
  const u32* from = y == 0 ? from0 : y == 1 ? from1 : y == 2 ? from2 : from3;
  int words = y == 0 ? words0 : y == 1 ? words1 : y == 2 ? words2 : words3;
  if (i < (u32)words) to[i] = from[i];
}
