// What follows the product in LinearForward and LinearBackwardData, if a library made it.
#include "activation.h"

// y = act(y + b), with b [cols] and y [rows, cols].
KERNEL(256) linear_forward_epilogue(float* y, int y_stride, const float* b, int rows, int cols, int kind, float dropout, float keep,
                                const u64* seed, const u64* step, u32 stream) {
  u64 t = thread_number();
  if (t >= (u64)rows * cols) return;
  Draw draw = draw_if(dropout, seed, step, stream);
  float* at = y + t / cols * y_stride + t % cols;
  *at = activate(Activation{kind, dropout, keep}, *at + b[t % cols], draw, t);
}

// dx = dx ⊙ act′(x), with dx and x [rows, cols].
KERNEL(256) linear_backward_data_epilogue(float* dx, int dx_stride, const float* x, int x_stride, int rows, int cols, int kind,
                                      float dropout, float keep) {
  u64 t = thread_number();
  if (t >= (u64)rows * cols) return;
  float* at = dx + t / cols * dx_stride + t % cols;
  *at = derive(Activation{kind, dropout, keep}, *at, x[t / cols * x_stride + t % cols]);
}
