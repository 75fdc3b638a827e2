// A device.Layout on the GPU.
#pragma once
#include "dev.h"

struct Span {
  int column;    // of the table
  int offset;    // the offset cell, -1 if there is none
  int first;     // the first mode cell
  int modes;
  int edges;     // index of the first of modes+1 edges
  int condition; // the first condition cell, -1 if there are none
};

// Number of the conditioned span that u in (0, 1) falls on.
DEVICE int pick(float u, int conditioned) {
  int k = (int)(u * (float)conditioned);
  return k < conditioned ? k : conditioned - 1;
}

// Index of the first maximum of a warp's candidates; *best becomes the maximum.
DEVICE int warp_argmax(float* best, int at) {
  float top = *best;
  for (int bit = 16; bit > 0; bit /= 2) {
    float other = exchange(top, bit);
    int its = exchange(at, bit);
    if (other > top || (other == top && its < at)) {
      top = other;
      at = its;
    }
  }
  *best = top;
  return at;
}
