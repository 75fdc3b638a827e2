package gan

import "github.com/dpgan/dpgan/gan/nets"

// How long a run is where training.steps is auto. The noise of T steps of a
// second-order discriminator averages out, so their number is of little consequence: at a
// sample rate of a half, 200 steps know a count as well as one table that costs as
// much, to within 0.3 % of the noise at ε = 1 and 2.4 % at ε = 10; 100 steps to within
// 0.5 and 4.6 %. A net's share is netShare of all steps.
const (
	pairsSteps = 200
	mlpSteps   = 3000
	netShare   = 1. / 3
	autoPace   = 4
)

// mostBatch bounds half of the rows, a batch where training.batch_size is auto: the
// gradient of a second-order discriminator is the same in every step, so sampling hides
// no more than it costs, and large batches know the most. A larger one would take time
// on tables whose counts stand clear anyway.
const mostBatch = 1 << 16

// WithDefaults is t with Steps and BatchSize as numbers, for a discriminator of kind on rows
// rows, at least 1. It hangs on nothing but public facts: where the number of rows is
// private, rows is the noisy one that was paid for. What t says in numbers it keeps.
func (t TrainingConfig) WithDefaults(kind string, rows int) TrainingConfig {
	if t.Steps == 0 {
		t.Steps = pairsSteps
		if kind == nets.KindMLP {
			t.Steps = mlpSteps
		}
	}
	if t.BatchSize == 0 {
		t.BatchSize = min(max(rows/2, 1), mostBatch)
	}
	return t
}

// asBegun is t with what it leaves open as the run began.
func (t TrainingConfig) asBegun(began TrainingConfig) TrainingConfig {
	if t.Steps == 0 {
		t.Steps = began.Steps
	}
	if t.BatchSize == 0 {
		t.BatchSize = began.BatchSize
	}
	return t
}

// PairsSteps is how many of all steps of a discriminator of kind are of second order.
func PairsSteps(kind string, steps int) int {
	if kind == nets.KindMLP {
		return steps - int(netShare*float64(steps))
	}
	return steps
}
