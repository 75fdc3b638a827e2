// What package libcuda calls itself. Handles are pointers, results CUresult.
#pragma once
#include <stddef.h>

// Loads the driver at path and fills the slots. Returns NULL or what went wrong;
// *code is then the result of cuInit, 0 if it was not reached.
const char *dpgan_load(const char *path, int *code);

// CUDA_KERNEL_NODE_PARAMS of CUDA 10.0 and newer: what the entry point without a
// version takes.
struct kernel_node {
  void *function;
  unsigned grid[3], block[3], shared_bytes;
  void **arguments, **extra;
};

// Adds a kernel with count arguments of 8 bytes each, which are copied, behind the
// nodes in waits.
int dpgan_add_kernel(void **node, void *graph, void **waits, size_t waiting, void *function,
                     const unsigned *grid, unsigned threads, unsigned long long *arguments, size_t count);

int cuGraphCreate(void **graph, unsigned flags);
int cuGraphAddKernelNode(void **node, void *graph, void **waits, size_t waiting, const struct kernel_node *params);
int cuGraphAddChildGraphNode(void **node, void *graph, void **waits, size_t waiting, void *child);
int cuGraphInstantiateWithFlags(void **exec, void *graph, unsigned long long flags);
int cuGraphLaunch(void *exec, void *stream);
int cuGraphDestroy(void *graph);
int cuGraphExecDestroy(void *exec);
int cuMemHostAlloc(void **memory, size_t bytes, unsigned flags);
int cuGetErrorName(int code, const char **name);
int cuStreamBeginCapture_v2(void *stream, int mode);
int cuStreamEndCapture(void *stream, void **graph);
