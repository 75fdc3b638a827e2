// DrawCodes: rows of codes from logits, a warp a span of a row.
#include "layout.h"
#include "random.h"

// The code of mode nearest to position, as Span.Code.
DEVICE u32 nearest_code(const u32* edges, int mode, float position) {
  u32 low = edges[mode], width = edges[mode + 1] - low;
  if (width <= 1) return low;
  position = position > 1 ? 1 : position < -1 ? -1 : position;
  u32 step = (u32)((position + 1) / 2 * (float)(width - 1) + 0.5f);
  return low + (step < width - 1 ? step : width - 1);
}

// codes [rows, number], logits [rows, width], condition [rows, ConditionWidth] or null.
KERNEL(128) draw_codes(u32* codes, const float* logits, int logits_stride, const float* condition, int condition_stride, int rows,
                       int width, const Span* spans, int number, const u32* edges, const u64* seed, const u64* step, u32 stream) {
  u64 warp = warp_number(), row = warp / number;
  if (row >= (u64)rows) return;
  Span s = spans[warp % number];
  const float* z = logits + row * logits_stride;
  Draw draw = draw_from(seed, step, stream);
  float top = -__builtin_inff();
  int mode = s.modes;
  for (int m = lane_number(); m < s.modes; m += 32) {
    float score = z[s.first + m] + gumbel(draw, row * width + s.first + m);
    if (score > top || mode == s.modes) {
      top = score;
      mode = m;
    }
  }
  mode = warp_argmax(&top, mode);
  if (condition && s.condition >= 0) {
    float given = 0;
    int wish = s.modes;
    for (int m = lane_number(); m < s.modes && wish == s.modes; m += 32)
      if (condition[row * condition_stride + s.condition + m] != 0) {
        given = 1;
        wish = m;
      }
    wish = warp_argmax(&given, wish);
    if (given != 0) mode = wish;
  }
  if (lane_number() == 0) codes[row * number + warp % number] = nearest_code(edges + s.edges, mode, s.offset >= 0 ? tanh_of(z[s.offset]) : 0.0f);
}
