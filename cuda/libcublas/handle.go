//go:build gpu

package libcublas

// #include "libcublas.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// Status is a cublasStatus_t that is not success.
type Status int

func (s Status) Error() string {
	switch s {
	case 1:
		return "CUBLAS_STATUS_NOT_INITIALIZED"
	case 3:
		return "CUBLAS_STATUS_ALLOC_FAILED"
	case 7:
		return "CUBLAS_STATUS_INVALID_VALUE"
	case 8:
		return "CUBLAS_STATUS_ARCH_MISMATCH"
	case 13:
		return "CUBLAS_STATUS_EXECUTION_FAILED"
	case 14:
		return "CUBLAS_STATUS_INTERNAL_ERROR"
	case 15:
		return "CUBLAS_STATUS_NOT_SUPPORTED"
	default:
		return fmt.Sprintf("cuBLAS status %d", int(s))
	}
}

func result(status C.int) error {
	if status != 0 {
		return Status(status)
	}
	return nil
}

// Workspace is the bytes of memory that a handle is given: what NVIDIA advises for
// the GPUs that want the most of it.
const Workspace = 32 << 20

// Handle multiplies on one stream, in one workspace. A context must be current.
type Handle struct{ handle unsafe.Pointer }

// New makes a handle; tf32 takes tensor cores, otherwise sums are float32 throughout.
// workspace is the address of Workspace bytes on the GPU, which no two products may
// use at the same time.
func New(stream unsafe.Pointer, workspace uint64, tf32 bool) (Handle, error) {
	var h Handle
	rounds := C.int(0)
	if tf32 {
		rounds = 1
	}
	err := result(C.dpgan_cublas_open(&h.handle, stream, C.ulonglong(workspace), Workspace, rounds))
	return h, err
}

// Matrix is a row-major matrix on the GPU: its address and the floats from row to row.
type Matrix struct {
	Address uint64
	Stride  int
}

// Multiply enqueues c = a·b, with a [rows, inner], b [inner, cols], or [cols, inner]
// if transposed, and c [rows, cols]. Sizes must fit 32 bits.
func (h Handle) Multiply(rows, inner, cols int, transposed bool, a, b, c Matrix) error {
	flag := C.int(0)
	if transposed {
		flag = 1
	}
	return result(C.dpgan_cublas_multiply(h.handle, C.int(rows), C.int(inner), C.int(cols), flag,
		C.ulonglong(a.Address), C.int(a.Stride), C.ulonglong(b.Address), C.int(b.Stride), C.ulonglong(c.Address), C.int(c.Stride)))
}

// Close frees what the library took.
func (h Handle) Close() error { return result(C.dpgan_cublas_close(h.handle)) }
