// Package libcuda is NVIDIA's driver library, loaded when a program asks for it and
// not when it starts: one binary runs with and without a driver.
//
// With -tags gpu it defines every entry point of libcuda that gorgonia.org/cu links
// against as a jump to what Load found. It adds those that cu lacks: graphs of
// kernels and of what other libraries enqueue, launched as one, and pinned memory. linux/amd64 only.
package libcuda
