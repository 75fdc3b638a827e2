//go:build gpu

// Calls to cuBLAS through what dlsym finds: the names that libcublas 11, 12 and 13 share.
#include "libcublas.h"
#include <dlfcn.h>
#include <stdint.h>

enum { PEDANTIC_MATH = 2, TF32_TENSOR_OP_MATH = 3, ATOMICS_NOT_ALLOWED = 0, OP_N = 0, OP_T = 1 };

static struct {
  int (*create)(void **);
  int (*destroy)(void *);
  int (*set_stream)(void *, void *);
  int (*set_workspace)(void *, void *, size_t);
  int (*set_math_mode)(void *, int);
  int (*set_atomics_mode)(void *, int);
  int (*sgemm)(void *, int, int, int, int, int, const float *, const float *, int, const float *, int, const float *, float *, int);
} api;

const char *dpgan_cublas_load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  const struct { const char *name; void *slot; } entries[] = {
    {"it has no cublasCreate_v2", &api.create}, {"it has no cublasDestroy_v2", &api.destroy},
    {"it has no cublasSetStream_v2", &api.set_stream}, {"it has no cublasSetWorkspace_v2", &api.set_workspace},
    {"it has no cublasSetMathMode", &api.set_math_mode}, {"it has no cublasSetAtomicsMode", &api.set_atomics_mode},
    {"it has no cublasSgemm_v2", &api.sgemm},
  };
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
    void *found = dlsym(library, entries[i].name + sizeof "it has no " - 1);
    if (!found) return dlclose(library), entries[i].name;
    *(void **)entries[i].slot = found;
  }
  return NULL;
}

int dpgan_cublas_open(void **handle, void *stream, unsigned long long workspace, size_t bytes, int tf32) {
  int status = api.create(handle);
  if (status) return *handle = NULL, status;
  // Setting the stream takes the workspace away, so that comes after it.
  if ((status = api.set_stream(*handle, stream)) || (status = api.set_workspace(*handle, (void *)(uintptr_t)workspace, bytes)) ||
      (status = api.set_math_mode(*handle, tf32 ? TF32_TENSOR_OP_MATH : PEDANTIC_MATH)) ||
      (status = api.set_atomics_mode(*handle, ATOMICS_NOT_ALLOWED))) {
    api.destroy(*handle);
    *handle = NULL;
  }
  return status;
}

int dpgan_cublas_close(void *handle) { return api.destroy(handle); }

// By columns, as cuBLAS reads, each matrix is its transpose: cᵀ = bᵀ·aᵀ.
int dpgan_cublas_multiply(void *handle, int rows, int inner, int cols, int transposed, unsigned long long a, int a_stride,
                          unsigned long long b, int b_stride, unsigned long long c, int c_stride) {
  const float one = 1, zero = 0;
  return api.sgemm(handle, transposed ? OP_T : OP_N, OP_N, cols, rows, inner, &one, (const float *)(uintptr_t)b, b_stride,
                   (const float *)(uintptr_t)a, a_stride, &zero, (float *)(uintptr_t)c, c_stride);
}
