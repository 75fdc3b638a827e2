// Package bench times what dpgan does, for `dpgan bench` and for `go test
// -bench`. It knows the device contract and never a device: who calls it opens
// them.
//
// A case is one piece of work of stated shape. What is to be compared, such as
// the private and the non-private step, runs in turns, round after round, on the
// same device, and a ratio is the median of the rounds' ratios: a machine that
// slows down slows all of them. Each round holds a large product of matrices
// too, the peak that the others are measured against.
//
// Products count 2·B·K·N operations for x [B, K] · w [K, N]. A step counts its
// products alone (forward, gradient of the weights and, above the first layer,
// gradient of the input), whatever the mode does besides, so that GFLOP/s of
// different modes compare as times do.
package bench
