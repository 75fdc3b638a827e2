// Package devicetest defines what a correct device.Device is: RunAll compares
// each operation with plain loops in float64, over shapes and views that kernels
// get wrong, and checks the properties that privacy rests on.
//
// Tolerances are those of float32 arithmetic with sums in any order. A device
// that multiplies in TF32 or BF16 fails on purpose: device.ClipMargin does not
// cover their rounding.
package devicetest
