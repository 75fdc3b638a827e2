// Kernels with a fault each, for TestPlantedFaults: planted NAME. All add the
// numbers 0 … 255 with a block of 256 threads, unless their fault stops them. The
// kernel "rfc8439" has none: it computes the test vector of ChaCha20.
#include "../kernels/chacha.h"
#include <string>

static std::string fault;
static bool has(const char* name) { return fault == name; }

KERNEL(256) add_up(const int* in, int* out) {
  __shared__ int partial[8];
  int v = in[threadIdx.x + (has("beyond a buffer") ? 1 : 0)];
  if (has("overflow")) v += 0x7fffffff;
  if (has("divergent exchange") && threadIdx.x % 32 == 5) return;
  v = warp_sum(v);
  if (lane_number() == 0) partial[threadIdx.x / 32 + (has("beyond shared memory") ? 1 : 0)] = v;
  if (has("divergent barrier") && threadIdx.x >= 128) return;
  if (has("two barriers") && threadIdx.x >= 128) {
    __syncthreads();
    partial[0] += 0;
  } else if (!has("missing barrier")) {
    __syncthreads();
  }
  if (threadIdx.x != 0) return;
  *out = 0;
  for (int w = 0; w < 8; w++) *out += partial[w];
}

KERNEL(32) block(u32* out, const u32* key) {
  if (threadIdx.x == 0) chacha20_block(out, key, 1, 0x09000000, 0x4a000000, 0);
}

// RFC 8439, section 2.3.2.
static int check_chacha() {
  const u32 key[8] = {0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c};
  const u32 want[16] = {0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
                        0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9, 0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2};
  u32 out[16];
  fake::run("block", {1, 1, 1}, 32, [&] { block(out, key); });
  puts(memcmp(out, want, sizeof want) ? "block is wrong" : "block is right");
  return 0;
}

int main(int, char** arguments) {
  fault = arguments[1];
  if (has("rfc8439")) return check_chacha();
  int results[2];
  for (int reversed = 0; reversed < 2; reversed++) {
    int* in = new int[256];
    for (int i = 0; i < 256; i++) in[i] = i;
    fake::machine.reversed = reversed;
    fake::run("add_up", {1, 1, 1}, 256, [&] { add_up(in, &results[reversed]); });
    delete[] in;
  }
  if (results[0] == results[1]) printf("both orders give %d\n", results[0]);
  else puts("the orders differ");
}
