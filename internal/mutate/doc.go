// Package mutate plants faults in the program, one at a time, and runs the tests that
// should catch each: a test that passes with the fault in place protects nothing
// from it (DeMillo, Lipton, Sayward 1978, "Hints on test data selection"). The
// faults are not random. Each is a mistake that was made here or elsewhere, or a
// slip away from one, most of them of the kind that leaves every number plausible
// and the guarantee void.
//
// They stand in faults/*.yaml. `make mutate` runs them all. Sources are replaced by
// `go test -overlay`, so nothing in the tree changes.
package mutate
