// Package cpu is a device.Device in plain Go over gonum's BLAS.
//
// Operations run at once, their rows split over a fixed pool of threads. Blocks
// and the order of every sum are fixed by the shapes alone, so results do not
// depend on the number of threads. Scratch is kept between operations: a step
// that has run once allocates next to nothing when it runs again.
//
// Each operation has a file of its own, named like its twin in cuda/kernels.
// The package knows nothing of tables, privacy or networks.
package cpu
