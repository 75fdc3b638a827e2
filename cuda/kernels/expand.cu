// ExpandCodes: codes to rows of floats, one thread a cell.
#include "column.h"
#include "layout.h"

// dst [places, width].
KERNEL(256) expand_codes(float* dst, int dst_stride, int places, int width, const Column* columns, u32 rows,
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
      int m = cell - s.first;
      value = (m == 0 || code >= e[m]) && (m == s.modes - 1 || code < e[m + 1]);
    }
  }
  dst[(u64)i * dst_stride + cell] = value;
}
