package dpsgd

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// Model is a discriminator that a Step trains: weights of pairs of cells, or a net.
type Model struct {
	// Cells, if set, are what the columns' codes are told as: the cells of each column.
	Cells []Cells
	// Update (Uint64[1]) is the number of updates so far, which keys the noise.
	Update device.Buffer
	Pairs  *Pairs
	Net    *Net
}

// Pairs is a discriminator that is linear in pairs of cells (device.SecondOrder),
// its weights running means of noised mean gradients. A step moves one of Means: what
// some of the steps say can be held out to judge by, since their noise is their own.
type Pairs struct {
	Tables *device.PairTables
	Means  []device.Mean
}

// Net is a discriminator of layers. Its closures only call operations of the device.
// No operation in Real may mix rows: a record's gradient must depend on that record
// alone.
type Net struct {
	// Rows [P, width] is where the gate expands real rows, of which the first
	// *count are real; P is the physical batch.
	Rows   device.Matrix
	Layout *device.Layout
	// Real computes RealLayers' inputs and deltas from Rows.
	Real       func()
	RealLayers []device.LayerGradient
	// Fake makes a fixed number of fakes and computes FakeLayers' inputs and
	// deltas from them. It must not depend on private rows.
	Fake       func()
	FakeLayers []device.LayerGradient
	// Draw (Uint64[1]) is the step counter of the public randomness in Fake.
	Draw device.Buffer
	// PrivateSeed and PrivateDraw (Uint64[1] each; nil if Real draws nothing) key
	// the randomness in Real. NewStep fills the seed from its entropy, and it is
	// stored nowhere: Real's draws go by place in the batch, which one row more
	// shifts, so they must be unknown for the rows to be exchangeable; and their
	// counter follows the number of chunks, so it must not be released.
	PrivateSeed, PrivateDraw device.Buffer
	// Adam is the optimiser over the net's parameter vector; its Step is Model.Update.
	Adam device.Adam
}

// PairGradients is what a record adds to the sum of each of tables whose gradient has
// the given relative sizes: integers, multiples of MaxGradNorm·2^-SumBits, of which the
// root of the sum of squares is at most 2^SumBits (device.MostSquare): the clip.
func PairGradients(sizes []float64) []int32 {
	square := 0.0
	for _, s := range sizes {
		square += s * s
	}
	out := make([]int32, len(sizes))
	for t, s := range sizes { // rounded down, so the norm is not above
		out[t] = max(1, int32(s*math.Sqrt((device.MostSquare-float64(len(sizes)))/square)))
	}
	return out
}
