// Package cpu is a device.Device on the CPU.
//
// Operations run at once, their rows split over a fixed pool of threads. Each
// element takes its terms in an order that the shapes alone decide, so results
// do not depend on the number of threads. Operations in progress and their
// scratch are kept: a step that has run once allocates nothing when it runs again.
//
// The inner loops exist for AVX2, for AVX-512 and in plain Go over gonum's BLAS
// (generic, for every other processor). New takes the fastest that the processor
// has; the environment variable DPGAN_CPU forces one. The assembly is written by
// the programs in gen (`make generate`) and committed. Sets agree to rounding,
// random words to the last bit.
//
// Products follow Goto and van de Geijn (2008, "Anatomy of high-performance
// matrix multiplication"): the second operand is packed into panels as wide as a
// tile, a tile's sums stay in registers. The first operand is read where it lies.
// Bias, activation and dropout follow each block of rows while it is in the cache.
// A device opened for bfloat16 rounds the operands as it packs them and multiplies
// on the tiles of AMX; narrow layers and sparse ones stay in float32.
//
// Each operation has a file of its own, named like its twin in cuda/kernels.
// The package knows nothing of tables, privacy or networks.
package cpu
