//go:build gpu

// Every entry point of libcuda is a jump through a slot. The slots hold stand-ins
// until the driver is loaded, so that a program starts where there is none.
#if !defined(__x86_64__) || !defined(__linux__)
#error "-tags gpu builds for linux/amd64 only: build without the tag for the CPU"
#endif

#include "libcuda.h"
#include "entries.h"
#include <dlfcn.h>
#include <stddef.h>

enum { INVALID_VALUE = 1, NOT_INITIALIZED = 3, NOT_FOUND = 500 };

static int not_loaded(void) { return NOT_INITIALIZED; }
static int not_found(void) { return NOT_FOUND; }

// gorgonia.org/cu calls cuInit as the program starts, and ends it on an error.
static int init_later(unsigned flags) { return (void)flags, 0; }
static int no_devices(int *n) { return *n = 0; }

#define SLOT(name, stand_in)                                                              \
  __attribute__((visibility("hidden"))) void *dpgan_##name = (void *)stand_in;            \
  __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name                   \
          ":\n\tjmp *dpgan_" #name "(%rip)\n.size " #name ", .-" #name "\n");
#define X(name) SLOT(name, not_loaded)
BOUND_BY_CU
BOUND_HERE
#undef X
SLOT(cuInit, init_later)
SLOT(cuDeviceGetCount, no_devices)

struct entry { const char *name; void **slot; };
static const struct entry entries[] = {
#define X(name) {#name, &dpgan_##name},
  BOUND_BY_CU BOUND_HERE X(cuInit) X(cuDeviceGetCount)
#undef X
};

const char *dpgan_load(const char *path, int *code) {
  *code = 0;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  int (*init)(unsigned) = (int (*)(unsigned))dlsym(library, "cuInit");
  if (!init) return "it has no cuInit";
  if ((*code = init(0)) != 0) return "cuInit failed";
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
    void *found = dlsym(library, entries[i].name);
    *entries[i].slot = found ? found : (void *)not_found;
  }
  return NULL;
}

int dpgan_add_kernel(void **node, void *graph, void **waits, size_t waiting, void *function,
                     const unsigned *grid, unsigned threads, unsigned long long *arguments, size_t count) {
  void *pointers[128];
  if (count > sizeof pointers / sizeof *pointers) return INVALID_VALUE;
  for (size_t i = 0; i < count; i++) pointers[i] = &arguments[i];
  struct kernel_node params = {function, {grid[0], grid[1], grid[2]}, {threads, 1, 1}, 0, pointers, NULL};
  return cuGraphAddKernelNode(node, graph, waits, waiting, &params);
}
