// A device.Layout on the GPU.
#pragma once
#include "dev.h"

struct Span {
  int column; // of the table
  int first;  // cell
  int modes;
  int edges;  // index of the first of modes+1 edges
};

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
