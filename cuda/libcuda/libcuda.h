// What package libcuda calls itself. Handles are pointers, results CUresult.
#pragma once
#include <stddef.h>

// Loads the driver at path and fills the slots. Returns NULL or what went wrong;
// *code is then the result of cuInit, 0 if it was not reached.
const char *dpgan_load(const char *path, int *code);

int cuStreamBeginCapture_v2(void *stream, int mode);
int cuStreamEndCapture(void *stream, void **graph);
int cuGraphInstantiateWithFlags(void **exec, void *graph, unsigned long long flags);
int cuGraphLaunch(void *exec, void *stream);
int cuGraphDestroy(void *graph);
int cuGraphExecDestroy(void *exec);
int cuMemHostAlloc(void **memory, size_t bytes, unsigned flags);
int cuGetErrorName(int code, const char **name);
