// device.Adam: one update of the parameters (Kingma, Ba 2015).
#pragma once
#include "dev.h"

struct Adam {
  float *parameters, *first, *second;
  float beta1, beta2, epsilon;
};

// What an update takes from its number: p -= rate·m/(√(v·correction) + ε).
struct AdamStep { float rate, correction; };

DEVICE double power(double base, u64 n) {
  double result = 1;
  for (; n > 0; n /= 2) {
    if (n % 2) result *= base;
    base *= base;
  }
  return result;
}

DEVICE AdamStep adam_step(const Adam& a, const float* rate, const u64* step) {
  return AdamStep{(float)((double)*rate / (1 - power(a.beta1, *step))), (float)(1 / (1 - power(a.beta2, *step)))};
}

DEVICE void update(const Adam& a, const AdamStep& s, u64 i, float g) {
  float m = a.beta1 * a.first[i] + (1 - a.beta1) * g;
  float v = a.beta2 * a.second[i] + (1 - a.beta2) * g * g;
  a.first[i] = m;
  a.second[i] = v;
  a.parameters[i] -= s.rate * m / (__builtin_sqrtf(v * s.correction) + a.epsilon);
}
