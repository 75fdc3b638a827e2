package dpsgd

import "github.com/dpgan/dpgan/device"

// Model is a network that a Step trains. Its closures only call operations of
// the device. No operation in Real may mix rows: a record's gradient must depend
// on that record alone.
type Model struct {
	// Rows [P, width] is where the gate expands real rows, of which the first
	// *count are real; P is the physical batch.
	Rows   device.Matrix
	Layout *device.Layout
	// Cells, if set, are what Layout's codes are: the cells of each column instead
	// of its codes.
	Cells []Cells
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
	// Adam is the optimiser over the discriminator's parameter vector.
	Adam device.Adam
}
