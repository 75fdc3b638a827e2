// Package cuda is a device.Device on an NVIDIA GPU, through gorgonia.org/cu.
//
// It is built with -tags gpu; without the tag it is empty. The kernels are CUDA C++
// in kernels, one file an operation, named like its twin in package cpu; their PTX
// is committed in ptx and compiled by the driver for its GPU. Each is launched through a
// function that gen writes from its signature (launches.go). A recorded program is
// a CUDA graph: running it is one launch, its nodes wait for those with whose memory
// they conflict and for no others, and nothing waits for the GPU until someone reads a
// result.
//
// Products of matrices are float32, or of operands rounded to TF32 on the tensor cores
// of compute capability 8.0 and newer; Open takes which. cuBLAS makes large ones, if
// DPGAN_LIBCUBLAS asks for it, it measures faster and treats all rows alike (autotune.go).
//
// Sums of floats are added in an order that the shapes alone decide, never by atomic
// additions; private sums are of integers, which have no order (ClippedSum). So a run
// repeats bit for bit on the same kind of GPU, as long as cuBLAS, where it was asked
// for, is chosen for the same shapes.
//
// fake is a libcuda, and a libcublas, whose GPU is the CPU: the tests run every kernel, and all of
// this package, where there is no GPU.
//
// The package knows nothing of tables, privacy or networks.
package cuda
