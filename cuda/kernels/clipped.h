// The integers of which private sums are made: see device.ClipRecord.
#pragma once
#include "dev.h"

const float INPUT_GRID = 256; // 2^device.InputBits

// |share|·x, rounded half to even if share > 0 and towards zero if share < 0, and
// bounded by device.MostGrid. A share of 0 makes 0 of whatever x is; any other makes
// some integer of what is no number.
DEVICE int on_grid(float x, float share) {
  if (share == 0) return 0;
  float v = share < 0 ? __builtin_truncf(-share * x) : __builtin_rintf(share * x);
  return (int)(v < 32767 ? v > -32767 ? v : -32767.0f : 32767.0f);
}

// The layers of ClippedSum, LAYERS a launch; a shape is the columns and, from bit 32
// on, the stride.
struct GradientLayer {
  u64 *weights, *bias; // sums [inputs, outputs] and [outputs]
  const float* input;
  u64 input_shape;
  const float* delta;
  u64 delta_shape;
};

const int LAYERS = 8;
struct GradientLayers { GradientLayer of[LAYERS]; };
