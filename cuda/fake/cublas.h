// A libcublas of the same library: part of driver.cpp, so that trace.cpp and the
// sanitizers see what it touches. It refuses what the real one would: a call without a
// workspace of the GPU's, operands whose rows overlap.
namespace {

struct Blas {
  Stream* stream = nullptr;
  Pointer workspace = 0;
  size_t bytes = 0;
  int math = 0, atomics = 1; // so that a caller who leaves them is found out
};

const Result BLAS_NOT_INITIALIZED = 1, BLAS_INVALID_VALUE = 7, BLAS_INTERNAL_ERROR = 14;

} // namespace

API cublasCreate_v2(void** handle) {
  if (!current) return BLAS_NOT_INITIALIZED;
  return *handle = new Blas, OK;
}
API cublasDestroy_v2(void* handle) { return delete (Blas*)handle, OK; }
API cublasSetStream_v2(void* handle, void* stream) {
  Blas* b = (Blas*)handle;
  b->stream = (Stream*)stream;
  return b->workspace = b->bytes = 0, OK;
}
API cublasSetWorkspace_v2(void* handle, void* workspace, size_t bytes) {
  Blas* b = (Blas*)handle;
  if ((Pointer)workspace % 256 || !lies_in(memory, (Pointer)workspace, bytes)) return BLAS_INVALID_VALUE;
  return b->workspace = (Pointer)workspace, b->bytes = bytes, OK;
}
API cublasSetMathMode(void* handle, int mode) { return ((Blas*)handle)->math = mode, OK; }
API cublasSetAtomicsMode(void* handle, int mode) { return ((Blas*)handle)->atomics = mode, OK; }

// c = alpha·op(a)·b by columns, with b not transposed, and beta 0.
API cublasSgemm_v2(void* handle, int a_transposed, int b_transposed, int m, int n, int k, const float* alpha, const float* a, int lda,
                   const float* b, int ldb, const float* beta, float* c, int ldc) {
  Blas h = *(Blas*)handle;
  static long long calls = 0;
  if (++calls > setting("gemms", 1ll << 60)) return BLAS_INTERNAL_ERROR;
  if (b_transposed || *alpha != 1 || *beta != 0 || (h.math != 2 && h.math != 3) || h.atomics) return BLAS_INVALID_VALUE;
  if (!h.bytes || lda < (a_transposed ? k : m) || ldb < k || ldc < m) return BLAS_INVALID_VALUE;
  bool unequal = setting("unequal", 0), tf32 = h.math == 3;
  Result status = enqueue(h.stream, {"gemm", [=] {
    fake_time += setting("gemm", 10);
    *(float*)h.workspace = 1; // two at a time would be a race
    for (int j = 0; j < n; j++)
      for (int i = 0; i < m; i++) {
        float sum = 0;
        for (int at = 0; at < k; at++) {
          // Some kernels add the parts of a row in another order than those of the next.
          int l = unequal && j % 5 == 3 ? k - 1 - at : at;
          float left = a_transposed ? a[(size_t)i * lda + l] : a[(size_t)l * lda + i], right = b[(size_t)j * ldb + l];
          if (tf32) left = round_tf32(left), right = round_tf32(right);
          sum = __builtin_fmaf(left, right, sum);
        }
        c[(size_t)j * ldc + i] = sum;
      }
  }});
  return status == OK ? status : BLAS_INTERNAL_ERROR;
}
