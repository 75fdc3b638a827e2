// device.ExactNoise in fixed point, for the few draws that float64 leaves undecided.
#pragma once
#include "chacha.h"
#include "elementary.h"

// A number in [0, 2^64), in multiples of 2^-256: Σ limb[i]·2^(32·i - 256). Products and
// quotients are cut off, and so are less than 2^-256 below what they stand for.
const int LIMBS = 10, FRACTION = 8;
struct Fixed { u32 limb[LIMBS]; };

DEVICE Fixed fixed(u32 n) { return Fixed{{0, 0, 0, 0, 0, 0, 0, 0, n, 0}}; }

// a += b.
OUTLINE void add(Fixed& a, const Fixed& b) {
  u64 carry = 0;
#pragma unroll 1
  for (int i = 0; i < LIMBS; i++, carry >>= 32) a.limb[i] = (u32)(carry += (u64)a.limb[i] + b.limb[i]);
}

// a -= b; returns 1 if that is below 0, and 2^64 more is left.
OUTLINE u32 subtract(Fixed& a, const Fixed& b) {
  u64 borrow = 0;
#pragma unroll 1
  for (int i = 0; i < LIMBS; i++) {
    u64 difference = (u64)a.limb[i] - b.limb[i] - borrow;
    a.limb[i] = (u32)difference;
    borrow = difference >> 63;
  }
  return (u32)borrow;
}

// a *= b.
OUTLINE void multiply(Fixed& a, const Fixed& b) {
  u32 product[2 * LIMBS] = {};
#pragma unroll 1
  for (int i = 0; i < LIMBS; i++) {
    u64 carry = 0;
#pragma unroll 1
    for (int j = 0; j < LIMBS; j++, carry >>= 32) {
      carry += (u64)a.limb[i] * b.limb[j] + product[i + j];
      product[i + j] = (u32)carry;
    }
    product[i + LIMBS] = (u32)carry;
  }
#pragma unroll 1
  for (int i = 0; i < LIMBS; i++) a.limb[i] = product[i + FRACTION];
}

// a /= n.
OUTLINE void divide(Fixed& a, u32 n) {
  u64 rest = 0;
#pragma unroll 1
  for (int i = LIMBS - 1; i >= 0; i--) {
    rest = rest << 32 | a.limb[i];
    a.limb[i] = (u32)(rest / n);
    rest %= n;
  }
}

// 1 ± x·a/n, as a step of Horner's rule.
DEVICE void step(Fixed& a, const Fixed& x, u32 n, bool minus) {
  multiply(a, x);
  divide(a, n);
  Fixed one = fixed(1);
  if (minus) {
    subtract(one, a);
    a = one;
  } else {
    add(a, one);
  }
}

// -ln u for u in (0, 1), to within 2^-248. u = m·2^-k with m in [½, 1); w is -ln m from
// float64 and 2^-50 more, so that m·eʷ = 1 + d with d in (0, 2^-49). Then
// -ln m = w - ln(1 + d), and of the series of ln(1 + d) what follows d⁵/5 is below 2^-294.
OUTLINE Fixed neg_log(Fixed u) {
  u32 k = 0;
  for (; !(u.limb[7] >> 31); k++) add(u, u);
  double log = log_wide((double)((u64)u.limb[7] << 32 | u.limb[6]) * 5.42101086242752217004e-20); // 2^-64
  u64 bits = (u64)((8.88178419700125232339e-16 - log) * 18446744073709551616.0);
  Fixed w = {{0, 0, 0, 0, 0, 0, (u32)bits, (u32)(bits >> 32), 0, 0}};
  Fixed d = fixed(1);
#pragma unroll 1
  for (u32 n = 60; n > 0; n--) step(d, w, n, false); // w⁶¹/61! < 2^-309
  multiply(d, u);
  d.limb[8] -= 1;
  Fixed series = fixed(0);
#pragma unroll 1
  for (u32 n = 5; n > 0; n--) { // d·(1/n - what is there)
    Fixed term = fixed(1);
    divide(term, n);
    subtract(term, series);
    multiply(term, d);
    series = term;
  }
  Fixed ln2 = {{0x8baafa2b, 0x8a0d175b, 0x7298b62d, 0x40f34326, 0x03f2f6af, 0xc9e3b398, 0xd1cf79ab, 0xb17217f7, 0, 0}}, scale = {};
  scale.limb[8] = k;
  multiply(ln2, scale);
  add(ln2, w);
  subtract(ln2, series);
  return ln2;
}

// √a to within 2^-256, two bits of a·2^256 at a time.
OUTLINE Fixed root(const Fixed& a) {
  Fixed root = {}, rest = {};
#pragma unroll 1
  for (int at = 32 * (LIMBS + FRACTION) - 2; at >= 0; at -= 2) {
    u32 next = at < 256 ? 0 : a.limb[(at - 256) / 32] >> at % 32 & 3;
    add(rest, rest);
    add(rest, rest);
    rest.limb[0] |= next;
    add(root, root);
    Fixed trial = root; // 2·root·2 + 1
    add(trial, trial);
    trial.limb[0] |= 1;
    if (subtract(rest, trial)) add(rest, trial);
    else root.limb[0] |= 1;
  }
  return root;
}

// The size of cos 2πv, or of sin 2πv, to within 2^-248; *negative tells the sign. The
// quarter of the turn decides which series of θ in (0, π/2) it is.
OUTLINE Fixed turn(Fixed v, bool sine, bool* negative) {
  add(v, v);
  add(v, v);
  u32 quarter = v.limb[8];
  v.limb[8] = 0;
  *negative = sine ? quarter >= 2 : quarter == 1 || quarter == 2;
  Fixed half_pi = {{0x76273644, 0x04177d4c, 0x14cf98e8, 0x52049c11, 0x01b839a2, 0x898cc517, 0x42d18469, 0x921fb544, 1, 0}};
  multiply(v, half_pi);
  Fixed square = v, sum = fixed(1);
  multiply(square, v);
  u32 odd = (quarter & 1) != (u32)sine; // a series of odd powers
#pragma unroll 1
  for (int n = 69 + odd; n > 0; n -= 2) step(sum, square, n * (n + 1), true); // (π/2)⁷¹/71! < 2^-291
  if (odd) multiply(sum, v);
  return sum;
}

// round(sigma·√(-2 ln u)·cos 2πv), or of the sine, for sigma ≤ 2^53 and u and v odd
// multiples of 2^-129. -ln u is at least 2^-129, so the root is off by at most
// 2^-247/(2·2^-64), and the whole by less than 2^-129. There are no ties: it is irrational.
OUTLINE long long exact_normal(const Fixed& u, const Fixed& v, bool sine, double sigma) {
  u64 word = __builtin_bit_cast(u64, sigma);
  int shift = 1076 - (int)(word >> 52); // sigma = m·2^-shift, m in [2^53, 2^54)
  if (shift > 60) return 0;             // sigma < 2^-6, and the root is below 14
  u64 m = ((word & 0x000fffffffffffffull) | 0x0010000000000000ull) << 1;
  Fixed square = neg_log(u), scale = {{0, 0, 0, 0, 0, 0, 0, 0, (u32)m, (u32)(m >> 32)}};
  add(square, square);
  bool negative;
  Fixed x = root(square);
  multiply(x, turn(v, sine, &negative));
  multiply(x, scale);
  u64 whole = (u64)x.limb[9] << 32 | x.limb[8];
  long long size = (long long)(shift == 0 ? whole + (x.limb[7] >> 31) : (whole + (1ull << (shift - 1))) >> shift);
  return negative ? -size : size;
}

// Draw i of the noise: the words of ChaCha20 are the first 64 bits of each uniform, those
// of the stream 2^31 higher the next.
OUTLINE long long exact_noise(const u32* key, u32 stream, u64 number, u64 i, double sigma) {
  Fixed u = {}, v = {};
  u.limb[3] = v.limb[3] = 0x80000000;
#pragma unroll 1
  for (int more = 0; more < 2; more++) {
    u32 x[16];
    chacha20_block(x, key, (u32)(i / 8), stream + ((u32)more << 31), (u32)number, (u32)(number >> 32));
    const u32* words = x + i % 8 / 2 * 4;
    u.limb[7 - 2 * more] = words[1];
    u.limb[6 - 2 * more] = words[0];
    v.limb[7 - 2 * more] = words[3];
    v.limb[6 - 2 * more] = words[2];
  }
  return exact_normal(u, v, i % 2 == 1, sigma);
}
