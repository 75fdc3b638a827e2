package gan

import (
	"math/bits"

	"github.com/dpgan/dpgan/dpsgd"
)

// How long a run is where training.steps is auto. Adam moves a parameter by about
// the learning rate a step, and where noise leads, by rate·√T in T steps: too few
// steps leave a net near its start. But T steps share one budget, so the noise of
// each grows about as √T, and too many drown what there is to learn. A generator
// that learns all from the discriminator needs the longer run: on Adult at ε = 1 in
// pure mode, what a classifier learns from the sample had an AUC of .85 to .86 after
// 2,000 to 3,000 steps, .83 after 5,000. A critic of a hybrid run starts from samples
// that already keep the tables.
const (
	pureSteps   = 2000
	hybridSteps = 1000
)

// A batch where training.batch_size is auto: large ones carry more signal over the
// same noise, but above a quarter of the rows sampling hides little of who is in the
// batch. On small tables leastBatch counts more: below it a step is all noise.
const (
	mostBatch  = 1024
	leastBatch = 16
)

// Settled is t with Steps and BatchSize as numbers, for a run with the budget's
// split on rows rows, at least 1. It hangs on nothing but public facts: where the
// number of rows is private, rows is the noisy one that was paid for. What t says
// in numbers it keeps.
func (t TrainingConfig) Settled(split dpsgd.Split, rows int) TrainingConfig {
	if t.Steps == 0 {
		t.Steps = hybridSteps
		if split.Pure() {
			t.Steps = pureSteps
		}
	}
	if t.BatchSize == 0 {
		t.BatchSize = autoBatch(rows)
	}
	return t
}

// autoBatch is a quarter of the rows, but leastBatch … mostBatch as far as there are
// rows, rounded down to a power of two.
func autoBatch(rows int) int {
	batch := min(max(rows/4, min(leastBatch, rows), 1), mostBatch)
	return 1 << (bits.Len(uint(batch)) - 1)
}

// resumed is t with what it leaves open as the run began.
func (t TrainingConfig) resumed(began TrainingConfig) TrainingConfig {
	if t.Steps == 0 {
		t.Steps = began.Steps
	}
	if t.BatchSize == 0 {
		t.BatchSize = began.BatchSize
	}
	return t
}
