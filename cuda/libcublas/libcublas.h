// What package libcublas calls itself. Handles are pointers, results cublasStatus_t.
#pragma once
#include <stddef.h>

// Loads the library at path. Returns NULL or what went wrong.
const char *dpgan_cublas_load(const char *path);

// Makes a handle for one stream and one workspace.
int dpgan_cublas_open(void **handle, void *stream, unsigned long long workspace, size_t bytes, int tf32);
int dpgan_cublas_close(void *handle);

// c = a·b: row-major, a [rows, inner], c [rows, cols], b [inner, cols], or [cols, inner] if transposed.
int dpgan_cublas_multiply(void *handle, int rows, int inner, int cols, int transposed, unsigned long long a, int a_stride,
                          unsigned long long b, int b_stride, unsigned long long c, int c_stride);
