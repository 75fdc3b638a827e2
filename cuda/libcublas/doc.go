// Package libcublas is NVIDIA's library of matrix products, loaded when a program asks
// for it and not when it starts: it comes with the CUDA toolkit, not with the driver,
// so many machines with a GPU lack it. linux/amd64 only, with -tags gpu.
package libcublas
