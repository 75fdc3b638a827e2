// What the kernels need of their compiler. Clang compiles them to PTX without any
// CUDA headers (make kernels); g++ compiles them for the CPU, where fake/threads.h
// stands in for the GPU (make test-kernels). Both keep a*b + c as two roundings
// (-ffp-contract=off), so that a GPU and the CPU agree wherever the order of
// operations does.
#pragma once

typedef unsigned u32;
typedef unsigned long long u64;
typedef int flag; // an argument that is 0 or 1

#if defined(__CUDA__)
#define __shared__ __attribute__((shared))
#define DEVICE static __attribute__((device)) inline __attribute__((always_inline))
// OUTLINE is for what is seldom done, and would cost the kernel registers.
#define OUTLINE static __attribute__((device)) __attribute__((noinline))
// KERNEL(n) starts a kernel that is launched with blocks of n threads.
#define KERNEL(n) extern "C" __attribute__((global)) __attribute__((launch_bounds(n))) void
#include <__clang_cuda_builtin_vars.h>

// The value of the lane whose number differs in bit.
DEVICE int exchange(int v, int bit) { return __nvvm_shfl_sync_bfly_i32(0xffffffffu, v, bit, 0x1f); }
DEVICE void atomic_max(u32* to, u32 v) { __nvvm_atom_max_gen_ui(to, v); }
DEVICE void atomic_add(u64* to, u64 v) { __nvvm_atom_add_gen_ll((long long*)to, (long long)v); }

#if __CUDA_ARCH__ >= 800
// x rounded to 11 significant bits; the others are not looked at.
DEVICE float round_tf32(float x) {
  u32 rounded;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(x));
  return __builtin_bit_cast(float, rounded);
}
// Adds the product of a warp's fragments of 16×8 and 8×8 elements.
DEVICE void mma_tf32(float* sum, const u32* a, const u32* b) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif
#else
#include "../fake/threads.h"
#endif

DEVICE u32 word_of(float x) { return __builtin_bit_cast(u32, x); }
DEVICE float float_of(u32 w) { return __builtin_bit_cast(float, w); }

DEVICE float exchange(float v, int bit) { return __builtin_bit_cast(float, exchange(__builtin_bit_cast(int, v), bit)); }
DEVICE u64 exchange(u64 v, int bit) {
  u64 low = (u32)exchange((int)(u32)v, bit), high = (u32)exchange((int)(u32)(v >> 32), bit);
  return high << 32 | low;
}
DEVICE double exchange(double v, int bit) { return __builtin_bit_cast(double, exchange(__builtin_bit_cast(u64, v), bit)); }

// Sum over a warp, in the same order on every lane.
template <class T> DEVICE T warp_sum(T v) {
  for (int bit = 16; bit > 0; bit /= 2) v += exchange(v, bit);
  return v;
}

// Number of this thread in the grid, and of its warp.
DEVICE u64 thread_number() { return (u64)blockIdx.x * blockDim.x + threadIdx.x; }
DEVICE u64 warp_number() { return thread_number() / 32; }
DEVICE int lane_number() { return threadIdx.x % 32; }

// The first four threads of the grid add one to a counter each. Counters differ;
// those that are null are left out.
DEVICE void count_up(u64* counter0, u64* counter1, u64* counter2, u64* counter3) {
  u64 t = thread_number();
  u64* counter = t == 0 ? counter0 : t == 1 ? counter1 : t == 2 ? counter2 : t == 3 ? counter3 : nullptr;
  if (counter) ++*counter;
}
