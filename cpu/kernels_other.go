//go:build !amd64

package cpu

// vectorKernels is empty: only amd64 has kernels of its own.
func vectorKernels() []*kernels { return nil }
