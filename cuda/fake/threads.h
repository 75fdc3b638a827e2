// Runs a kernel on the CPU: one block at a time, one fiber a CUDA thread, in a
// fixed order that can be reversed. A kernel whose threads race, miss a barrier or
// read what another has yet to write gives other results in the other order;
// threads that meet at different barriers, or a barrier that some have passed by,
// end the program. x86-64 only.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#define __shared__ static // one block lives at a time
#define DEVICE static inline
#define OUTLINE static __attribute__((noinline))
#define KERNEL(threads) extern "C" void

namespace fake {

struct Index { unsigned x, y, z; };

// Saves the registers that a call preserves and the stack, and takes up another.
extern "C" void fake_switch(void** from, void* to);

struct Fiber {
  void* stack_pointer;
  std::unique_ptr<char[]> stack;
  void* sanitizer;
  const void* waits; // where in the program it waits, null if it runs
  bool whole_block, done;
  int exchanges;
};

const size_t STACK = 128 << 10;
const int WORDS = 6; // the most that a thread shows at once

struct Machine {
  bool reversed = false;
  std::vector<Fiber> fibers;
  std::function<void()> kernel;
  void *scheduler, *scheduler_sanitizer;
  const void* scheduler_stack;
  size_t scheduler_stack_size;
  unsigned current, threads;
  int lanes[2][1024][WORDS]; // what each thread shows its warp, in even and odd exchanges
  const char* name;
};
inline Machine machine;

[[noreturn]] inline void die(const char* what) {
  fprintf(stderr, "fake GPU: kernel %s: %s\n", machine.name, what);
  abort();
}

} // namespace fake

inline fake::Index threadIdx, blockIdx, blockDim, gridDim;

namespace fake {

inline void to_scheduler() {
  Fiber& f = machine.fibers[machine.current];
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(f.done ? nullptr : &f.sanitizer, machine.scheduler_stack, machine.scheduler_stack_size);
#endif
  fake_switch(&f.stack_pointer, machine.scheduler);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(f.sanitizer, nullptr, nullptr);
#endif
}

extern "C" inline void fake_start() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &machine.scheduler_stack, &machine.scheduler_stack_size);
#endif
  machine.kernel();
  machine.fibers[machine.current].done = true;
  to_scheduler();
}

inline void resume(unsigned thread) {
  machine.current = thread;
  threadIdx = {thread, 0, 0};
  Fiber& f = machine.fibers[thread];
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&machine.scheduler_sanitizer, f.stack.get(), STACK);
#endif
  fake_switch(&machine.scheduler, f.stack_pointer);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(machine.scheduler_sanitizer, nullptr, nullptr);
#endif
}

inline void prepare(Fiber& f) {
  if (!f.stack) f.stack.reset(new char[STACK]);
  void** top = (void**)(f.stack.get() + STACK);
  *--top = nullptr; // keeps the stack aligned to 16 at the first instruction's call
  *--top = (void*)fake_start;
  for (int saved = 0; saved < 6; saved++) *--top = nullptr;
  f.stack_pointer = top;
  f.waits = nullptr;
  f.done = false;
  f.exchanges = 0;
}

// Wakes the threads [from, to) if all that have not ended wait at one place.
inline bool wake(unsigned from, unsigned to, bool whole_block) {
  const void* place = nullptr;
  unsigned waiting = 0;
  for (unsigned t = from; t < to; t++) {
    Fiber& f = machine.fibers[t];
    if (!f.waits || f.whole_block != whole_block) continue;
    if (place && f.waits != place) die("threads wait at different barriers");
    place = f.waits;
    waiting++;
  }
  if (waiting == 0) return false;
  if (waiting < to - from) {
    if (!whole_block) die("lanes of a warp are missing at an exchange");
    for (unsigned t = from; t < to; t++)
      if (machine.fibers[t].done) die("threads have ended before a barrier of their block");
    return false;
  }
  for (unsigned t = from; t < to; t++) machine.fibers[t].waits = nullptr;
  return true;
}

inline void run_block() {
  Machine& m = machine;
  for (unsigned t = 0; t < m.threads; t++) prepare(m.fibers[t]);
  for (;;) {
    bool alive = false, woken = false;
    for (unsigned i = 0; i < m.threads; i++) {
      unsigned t = m.reversed ? m.threads - 1 - i : i;
      if (!m.fibers[t].done && !m.fibers[t].waits) resume(t);
      alive |= !m.fibers[t].done;
    }
    if (!alive) return;
    for (unsigned t = 0; t < m.threads; t += 32) woken |= wake(t, t + 32 < m.threads ? t + 32 : m.threads, false);
    if (!woken && !wake(0, m.threads, true)) die("no thread can go on");
  }
}

inline void run(const char* name, Index grid, unsigned threads, std::function<void()> kernel) {
  Machine& m = machine;
  m.name = name;
  m.threads = threads;
  m.kernel = std::move(kernel);
  if (m.fibers.size() < threads) m.fibers.resize(threads);
  gridDim = grid;
  blockDim = {threads, 1, 1};
  uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z;
  for (uint64_t i = 0; i < blocks; i++) {
    uint64_t b = m.reversed ? blocks - 1 - i : i;
    blockIdx = {(unsigned)(b % grid.x), (unsigned)(b / grid.x % grid.y), (unsigned)(b / grid.x / grid.y)};
    run_block();
  }
}

inline void wait(const void* place, bool whole_block) {
  Fiber& f = machine.fibers[machine.current];
  f.waits = place;
  f.whole_block = whole_block;
  to_scheduler();
}

} // namespace fake

__attribute__((noinline)) static void __syncthreads() { fake::wait(__builtin_return_address(0), true); }

namespace fake {

// Shows n words to the warp, and returns the words of thread 0 and those after it.
// Two sets of places take turns: when one is written again, all have passed the
// exchange in between.
inline const int (*show(const void* place, const void* words, int n))[WORDS] {
  unsigned t = machine.current;
  int(*lanes)[WORDS] = machine.lanes[machine.fibers[t].exchanges++ % 2];
  memcpy(lanes[t], words, n * sizeof(int));
  wait(place, false);
  return lanes;
}

} // namespace fake

// The value of the lane whose number differs in bit.
__attribute__((noinline)) static int exchange(int v, int bit) {
  return fake::show(__builtin_return_address(0), &v, 1)[fake::machine.current ^ bit][0];
}

static inline void atomic_max(unsigned* to, unsigned v) {
  if (v > *to) *to = v;
}

static inline void atomic_add(unsigned long long* to, unsigned long long v) { *to += v; }

static inline float round_tf32(float x) {
  unsigned word = __builtin_bit_cast(unsigned, x);
  if ((word & 0x7f800000u) != 0x7f800000u) word = (word + 0x1000u) & ~0x1fffu; // else infinite or NaN
  return __builtin_bit_cast(float, word);
}

// mma.m16n8k8 of TF32, from the fragments that the lanes hold by its layout.
__attribute__((noinline)) static void mma_tf32(float* sum, const unsigned* a, const unsigned* b) {
  unsigned words[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
  auto shown = fake::show(__builtin_return_address(0), words, 6);
  unsigned lane = fake::machine.current % 32;
  auto lanes = shown + (fake::machine.current - lane);
  for (unsigned i = 0; i < 4; i++) {
    unsigned row = lane / 4 + 8 * (i / 2), col = 2 * (lane % 4) + i % 2;
    for (unsigned k = 0; k < 8; k++) {
      float left = __builtin_bit_cast(float, lanes[4 * (row % 8) + k % 4][row / 8 + 2 * (k / 4)]);
      float right = __builtin_bit_cast(float, lanes[4 * col + k % 4][4 + k / 4]);
      sum[i] = __builtin_fmaf(left, right, sum[i]);
    }
  }
}
