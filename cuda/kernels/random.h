// Public randomness: device.Draw on the GPU.
#pragma once
#include "elementary.h"

struct Words { u32 w[4]; };

// One block of Philox4x32-10 (Salmon et al. 2011).
DEVICE Words philox(u64 key, u32 c0, u32 c1, u32 c2, u32 c3) {
  u32 k0 = (u32)key, k1 = (u32)(key >> 32);
#pragma unroll 1 // inlined in many places
  for (int round = 0; round < 10; round++) {
    u64 p0 = (u64)c0 * 0xD2511F53u, p1 = (u64)c2 * 0xCD9E8D57u;
    c0 = (u32)(p1 >> 32) ^ c1 ^ k0;
    c1 = (u32)p1;
    c2 = (u32)(p0 >> 32) ^ c3 ^ k1;
    c3 = (u32)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return Words{{c0, c1, c2, c3}};
}

DEVICE float unit_interval(u32 word) { return ((float)(word >> 9) + 0.5f) * (1.0f / (1 << 23)); }

// A stream of numbers, read out of the buffers of a device.RNG. It keeps the last
// block: neighbours come from the same one.
struct Draw {
  u64 seed, step, block;
  u32 stream;
  Words words;
};

DEVICE Draw draw_from(const u64* seed, const u64* step, u32 stream) {
  return Draw{*seed, *step, ~0ull, stream, {{0, 0, 0, 0}}};
}

DEVICE Words draw_block(const Draw& d, u64 block) {
  return philox(d.seed, (u32)block, d.stream, (u32)d.step, (u32)(d.step >> 32));
}

// Number i of the stream, in (0, 1).
DEVICE float uniform(Draw& d, u64 i) {
  if (i / 4 != d.block) {
    d.block = i / 4;
    d.words = draw_block(d, d.block);
  }
  u32 at = i % 4;
  return unit_interval(at == 0 ? d.words.w[0] : at == 1 ? d.words.w[1] : at == 2 ? d.words.w[2] : d.words.w[3]);
}

DEVICE float gumbel(Draw& d, u64 i) { return neg_log(neg_log(uniform(d, i))); }
