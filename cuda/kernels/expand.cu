// ExpandCodes: codes to rows of floats, one thread a cell.
#include "column.h"
#include "layout.h"

// 2(code-lo)/(width-1) - 1, as Span.Position.
DEVICE float position(const u32* edges, u32 code, int mode) {
  u32 width = edges[mode + 1] - edges[mode];
  if (width <= 1) return 0;
  return 2 * (float)(code - edges[mode]) / (float)(width - 1) - 1;
}

// The mode that holds code, as Span.Mode.
DEVICE int mode_of(const u32* edges, int modes, u32 code) {
  int low = 0, high = modes - 1;
  while (low < high) {
    int middle = (low + high) / 2;
    if (code < edges[middle + 1]) high = middle;
    else low = middle + 1;
  }
  return low;
}

// dst [places, width].
KERNEL(256) expand_codes(float* dst, int stride, int places, int width, const Column* columns, u32 rows,
                         const Span* spans, const u32* edges, const int* span_of, const u32* indices, const u32* count, u32* fault) {
  u64 t = thread_number();
  if (t >= (u64)places * width) return;
  u32 i = t / width;
  int cell = t % width;
  float value = 0;
  int k = span_of[cell];
  if (i < *count && k >= 0) {
    u32 row = indices[i];
    if (!strays(row, rows, fault)) {
      Span s = spans[k];
      const u32* e = edges + s.edges;
      u32 code = code_at(columns[s.column], row);
      if (cell == s.offset) {
        value = position(e, code, mode_of(e, s.modes, code));
      } else {
        int m = cell - s.first;
        value = (m == 0 || code >= e[m]) && (m == s.modes - 1 || code < e[m + 1]);
      }
    }
  }
  dst[(u64)i * stride + cell] = value;
}
