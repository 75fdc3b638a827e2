// Privacy noise: device.ChaCha20Block.
#pragma once
#include "dev.h"

DEVICE u32 rotate(u32 x, int n) { return x << n | x >> (32 - n); }

DEVICE void quarter_round(u32& a, u32& b, u32& c, u32& d) {
  a += b, d = rotate(d ^ a, 16);
  c += d, b = rotate(b ^ c, 12);
  a += b, d = rotate(d ^ a, 8);
  c += d, b = rotate(b ^ c, 7);
}

// RFC 8439, section 2.3.
DEVICE void chacha20_block(u32* x, const u32* key, u32 counter, u32 nonce0, u32 nonce1, u32 nonce2) {
  const u32 in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1], key[2], key[3],
                      key[4], key[5], key[6], key[7], counter, nonce0, nonce1, nonce2};
  for (int i = 0; i < 16; i++) x[i] = in[i];
#pragma unroll 1
  for (int round = 0; round < 10; round++) {
    quarter_round(x[0], x[4], x[8], x[12]);
    quarter_round(x[1], x[5], x[9], x[13]);
    quarter_round(x[2], x[6], x[10], x[14]);
    quarter_round(x[3], x[7], x[11], x[15]);
    quarter_round(x[0], x[5], x[10], x[15]);
    quarter_round(x[1], x[6], x[11], x[12]);
    quarter_round(x[2], x[7], x[8], x[13]);
    quarter_round(x[3], x[4], x[9], x[14]);
  }
  for (int i = 0; i < 16; i++) x[i] += in[i];
}
