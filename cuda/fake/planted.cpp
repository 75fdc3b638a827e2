// Kernels with a fault each, for TestPlantedFaults: planted NAME. All add the
// numbers 0 … 255 with a block of 256 threads, unless their fault stops them. Two have
// none: "rfc8439" computes the test vector of ChaCha20, "exact" draws of noise at the ends
// of what uniforms may be.
#include "../kernels/exact.h"
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

// round(sigma·√(-2 ln u)·cos 2πv), or sin, of mpmath 1.3 with 900 bits; u and v are
// (2·bits + 1)·2^-129, bits from the lowest word on.
static int check_exact() {
  const u32 most = ~0u;
  const struct { u32 u[4], v[4]; bool sine; double sigma; long long want; } draws[] = {
      {{0, 0, 0, 0}, {0, 0, 0, 0}, false, 0x1p53, 120451539104938683},
      {{most, most, most, most}, {1, 0, 0, 0}, false, 0x1p53, 0},
      {{0x55555555, 0x55555555, 0x55555555, 0x55555555}, {most, most, most, 0x3fffffff}, false, 0x1p53, 0},
      {{0, 0, 0, 0x80000000}, {most, most, most, 0xbfffffff}, true, 0x1.6a09e667f3bcdp52, -7498985273150792},
      {{0xb6db6db6, 0x6db6db6d, 0xdb6db6db, 0xb6db6db6}, {0x99999999, 0x99999999, 0x99999999, 0x99999999}, true, 0x1.4p23, -5056013},
      {{most, most, most, 0x7fffffff}, {0, 0, 0, 0xe0000000}, false, 0.75, 1},
      {{0, 0, 0, 0}, {0, 0, 0, 0}, false, 0x1p-1074, 0},
  };
  for (auto& d : draws) {
    Fixed u = {{0, 0, 0, 0x80000000, d.u[0], d.u[1], d.u[2], d.u[3], 0, 0}}, v = {{0, 0, 0, 0x80000000, d.v[0], d.v[1], d.v[2], d.v[3], 0, 0}};
    long long got = exact_normal(u, v, d.sine, d.sigma);
    if (got != d.want) return printf("draw %d is %lld, not %lld\n", (int)(&d - draws), got, d.want), 0;
  }
  puts("draws are right");
  return 0;
}

int main(int, char** arguments) {
  fault = arguments[1];
  if (has("exact")) return check_exact();
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
