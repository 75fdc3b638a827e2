// MovingAverage.
#include "dev.h"

// rest is 1 - decay.
KERNEL(256) moving_average(float* average, const float* value, u64 n, float decay, float rest) {
  u64 i = thread_number();
  if (i < n) average[i] = decay * average[i] + rest * value[i];
}
