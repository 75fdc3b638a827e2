// device.Activation: the function of a layer and its dropout.
#pragma once
#include "random.h"

struct Activation {
  int kind; // device.ActivationKind
  float dropout, keep; // keep = 1/(1-dropout)
};

DEVICE float slope_below(const Activation& a) { return a.kind == 0 ? 1.0f : a.kind == 1 ? 0.0f : 0.2f; }

// Element number i of the activation of z.
DEVICE float activate(const Activation& a, float z, Draw& draw, u64 i) {
  float y = z;
  if (z < 0) y = a.kind == 0 ? z : a.kind == 1 ? 0.0f : z * 0.2f;
  if (a.dropout == 0) return y;
  return uniform(draw, i) < a.dropout ? 0.0f : a.keep * y;
}

// gradient times the derivative at the output y.
DEVICE float derive(const Activation& a, float gradient, float y) {
  if (a.kind == 0) return gradient;
  if (y == 0) return 0;
  return gradient * (y < 0 ? a.keep * slope_below(a) : a.keep);
}
