package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Sizes up to which gonum's Sgemm stays on the calling thread: it cuts the
// result into blocks of 64 x 64 and starts goroutines from four blocks on.
const (
	gemmRows = 64
	gemmCols = 192
)

// sgemm computes c += a·b, or c += aᵀ·b if transposed is set, on the calling
// thread: c [m, n], b [k, n], a [m, k] or, transposed, [k, m]; lda, ldb and ldc
// are their strides.
func sgemm(transposed bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) {
	if m == 0 || n == 0 || k == 0 {
		return
	}
	var native gonum.Implementation
	if n == 1 {
		// One column leaves the row updates of Sgemm nothing to vectorise.
		if transposed {
			native.Sgemv(blas.Trans, k, m, 1, a, lda, b, ldb, 1, c, ldc)
		} else {
			native.Sgemv(blas.NoTrans, m, k, 1, a, lda, b, ldb, 1, c, ldc)
		}
		return
	}
	for i := 0; i < m; i += gemmRows {
		rows, from, order := min(gemmRows, m-i), i*lda, blas.NoTrans
		if transposed {
			from, order = i, blas.Trans
		}
		for j := 0; j < n; j += gemmCols {
			native.Sgemm(order, blas.NoTrans, rows, min(gemmCols, n-j), k, 1, a[from:], lda, b[j:], ldb, 1, c[i*ldc+j:], ldc)
		}
	}
}
