package audit

import "github.com/dpgan/dpgan/dpsgd"

// Mechanism is what is audited: the real step, or one with a planted bug.
type Mechanism interface {
	// Open prepares steps over a table.
	Open(Table) (Stepper, error)
	// Grant takes steps of a run with that budget until one is refused, at most
	// wanted, once more after a restart, and returns how many it got in all, and what
	// its ledger says of them.
	Grant(budget dpsgd.Config, step dpsgd.StepConfig, wanted int) (granted int, ledger []byte, err error)
}

// Stepper runs the step over one table.
type Stepper interface {
	// Dimension is the length D′ ≥ D of what Step writes.
	Dimension() int
	// Step does one privatized step and writes to sum [D′] the batch size times the
	// gradient that the optimiser saw: the noised sum of the clipped gradients, plus
	// the batch size times the mean gradient of the fakes. Coordinates from D on
	// are ones that no record's gradient reaches.
	Step(sum []float64) error
	// Entries is what the optimiser saw of such a sum, entry by entry, in any order.
	Entries(sum []float64) []float64
	Close() error
}

// Table is a table of audit records and how steps over it are made.
type Table struct {
	Step dpsgd.StepConfig
	// Gradients [K][D] is the gradient of a record with code k, D ≥ 2. Values above
	// 1e38 are reached on the device by overflow: 1e45 becomes infinite there, 1e60
	// infinite and, in the other coordinates, not a number.
	Gradients [][]float64
	// Records holds the code of each record.
	Records []uint32
	// Fake [D] is the gradient of every fake, before its clip.
	Fake []float64
	// Seed, if not nil, fixes the randomness, so that two tables can share it: the
	// same seed gives the same noise, and chooses the same of the first n records.
	Seed *uint64
}

// axis is length·e_i in D dimensions.
func axis(i, dimension int, length float64) []float64 {
	g := make([]float64, dimension)
	g[i] = length
	return g
}

// axes is one gradient of the given length along each axis.
func axes(dimension int, length float64) [][]float64 {
	all := make([][]float64, dimension)
	for i := range all {
		all[i] = axis(i, dimension, length)
	}
	return all
}
