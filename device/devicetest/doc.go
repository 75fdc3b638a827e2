// Package devicetest defines what a correct device.Device is: RunAll compares
// each operation with plain loops in float64, over shapes and views that kernels
// get wrong, and checks the properties that privacy rests on.
//
// Tolerances are those of the device's precision, with sums in any order. A device
// that rounds more than it says fails on purpose: its clip margin would not cover
// the rounding.
package devicetest
