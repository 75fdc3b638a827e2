// Elementary functions, step by step those of cpu/elementary.go (Cephes, Moshier
// 1992) in float32, and those of Go's package math (FreeBSD e_log.c, Cephes
// sin.c) in float64, so that both devices draw the same noise.
#pragma once
#include "dev.h"

// -ln x for x positive and normal.
DEVICE float neg_log(float x) {
  u32 word = word_of(x);
  int exponent = (int)(word - 0x3f3504f3u) >> 23; // x = m·2^exponent, m in [√½, √2)
  float f = float_of(word - ((u32)exponent << 23)) - 1, e = (float)exponent, square = f * f;
  float p = ((7.0376836292e-2f * f - 1.1514610310e-1f) * f + 1.1676998740e-1f) * f - 1.2420140846e-1f;
  float q = ((1.4249322787e-1f * f - 1.6668057665e-1f) * f + 2.0000714765e-1f) * f - 2.4999993993e-1f;
  float series = (p * (square * square) + q) * f + 3.3333331174e-1f;
  return -(f + (series * f * square - 2.12194440e-4f * e - 0.5f * square) + 0.693359375f * e);
}

// eˣ for x <= 0, and 0 where that is below the normal numbers.
DEVICE float exp_negative(float x) {
  if (x < -87) return 0;
  const float shift = 3 << 22; // adding it rounds to an integer
  float n = (x * 1.44269504088896340736f + shift) - shift;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f, square = r * r;
  float p = ((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f;
  p = (p * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
  return (p * square + r + 1) * float_of((u32)((int)n + 127) << 23);
}

// ln x for x positive and normal.
DEVICE double log_wide(double x) {
  u64 word = __builtin_bit_cast(u64, x);
  int exponent = (int)(word >> 52) - 1022; // x = m·2^exponent, m in [½, 1)
  double m = __builtin_bit_cast(double, (word & 0x000fffffffffffffull) | 0x3fe0000000000000ull);
  if (m < 0.70710678118654752440) {
    m *= 2;
    exponent--;
  }
  double f = m - 1, k = exponent, s = f / (2 + f), s2 = s * s, s4 = s2 * s2;
  double t1 = s2 * (6.666666666666735130e-01 + s4 * (2.857142874366239149e-01 + s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)));
  double t2 = s4 * (3.999999999940941908e-01 + s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01));
  double r = t1 + t2, half = 0.5 * f * f;
  return k * 6.93147180369123816490e-01 - ((half - (s * (half + r) + k * 1.90821492927058770002e-10)) - f);
}

// sin x and cos x for x in [0, 8].
DEVICE void sincos_wide(double x, double* sin, double* cos) {
  u32 j = (u32)(x * 1.27323954473516268615);
  j += j & 1;
  double y = j;
  double z = ((x - y * 7.85398125648498535156e-1) - y * 3.77489470793079817668e-8) - y * 2.69515142907905952645e-15;
  double zz = z * z;
  double c = 1.0 - 0.5 * zz + zz * zz * ((((((-1.13585365213876817300e-11 * zz) + 2.08757008419747316778e-9) * zz - 2.75573141792967388112e-7) * zz + 2.48015872888517045348e-5) * zz - 1.38888888888730564116e-3) * zz + 4.16666666666665929218e-2);
  double s = z + z * zz * ((((((1.58962301576546568060e-10 * zz) - 2.50507477628578072866e-8) * zz + 2.75573136213857245213e-6) * zz - 1.98412698295895385996e-4) * zz + 8.33333333332211858878e-3) * zz - 1.66666666666666307295e-1);
  j &= 7;
  *sin = j == 0 ? s : j == 2 ? c : j == 4 ? -s : -c;
  *cos = j == 0 ? c : j == 2 ? -s : j == 4 ? -c : s;
}
