// Watches what the nodes of a graph read and write, word by word, and says which two
// of them conflict though neither waits for the other. Compiled with -fsanitize=thread,
// but not linked to its runtime, the kernels call what is defined here at each access;
// in other builds nothing is seen. This file itself is compiled without.
#include "trace.h"
#include <cstdio>
#include <cstdlib>
#include <map>

namespace {

struct Touched { std::vector<unsigned> readers, writers; };
std::map<uintptr_t, Touched> words; // by address, of four bytes each
unsigned node;
bool watching; // not while a hook is at work: the driver's own code has hooks too
bool (*on_gpu)(uintptr_t, size_t);

void touch(const void* address, size_t bytes, bool written) {
  if (!watching) return;
  watching = false;
  uintptr_t from = (uintptr_t)address;
  bool seen = on_gpu(from, bytes);
  for (uintptr_t word = from / 4 * 4; seen && word < from + bytes; word += 4) {
    auto& nodes = written ? words[word].writers : words[word].readers;
    if (nodes.empty() || nodes.back() != node) nodes.push_back(node);
  }
  watching = true;
}

} // namespace

void trace::begin(unsigned number, bool (*lies_on_gpu)(uintptr_t, size_t)) {
  node = number;
  on_gpu = lies_on_gpu;
  watching = true;
}

void trace::end() { watching = false; }

void trace::check(const std::vector<const char*>& names, const std::vector<std::vector<bool>>& before) {
  for (auto& word : words)
    for (unsigned writer : word.second.writers)
      for (auto* others : {&word.second.readers, &word.second.writers})
        for (unsigned other : *others) {
          if (other == writer || before[writer][other] || before[other][writer]) continue;
          fprintf(stderr, "race: node %u (%s) writes what node %u (%s) touches, and neither waits for the other\n",
                  writer, names[writer], other, names[other]);
          abort();
        }
  words.clear();
}

#define HOOK(N)                                                                      \
  extern "C" void __tsan_read##N(void* at) { touch(at, N, false); }                   \
  extern "C" void __tsan_write##N(void* at) { touch(at, N, true); }                   \
  extern "C" void __tsan_unaligned_read##N(void* at) { touch(at, N, false); }         \
  extern "C" void __tsan_unaligned_write##N(void* at) { touch(at, N, true); }
HOOK(1) HOOK(2) HOOK(4) HOOK(8) HOOK(16)
extern "C" void __tsan_read_range(void* at, size_t bytes) { touch(at, bytes, false); }
extern "C" void __tsan_write_range(void* at, size_t bytes) { touch(at, bytes, true); }
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_vptr_update(void**, void*) {}
