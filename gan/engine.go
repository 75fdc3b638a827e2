package gan

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// Blueprint is what an engine is built from.
type Blueprint struct {
	Layout *device.Layout
	// White is how the discriminator sees rows; nil shows them as they are.
	White *Whitening
	// Cumulative [ConditionWidth] are the cumulative shares of each conditioned
	// column's modes, from the noisy tables.
	Cumulative []float32
	Model      ModelConfig
	Training   TrainingConfig
	Step       dpsgd.StepConfig
	// Seed keys the public randomness: latents, conditions, Gumbel noise, and the
	// dropout of fakes. What is drawn on real rows has a secret seed of the step's.
	Seed    uint64
	Initial State
}

// Engine trains the two nets of a Blueprint: on a device's operations, or on
// the reference's expression graphs. The n-th call does the same with either.
type Engine interface {
	// DiscriminatorStep does one privatized step; it must be paid for.
	DiscriminatorStep(learningRate float64) error
	// GeneratorStep does one step of the generator and of its moving average.
	GeneratorStep(learningRate float64) error
	// FakeAccuracy is the moving average of the share of fakes that the
	// discriminator recognised. It depends on released parameters and fakes only.
	// The value is of now, but it may be on its way still: wait for it when it is
	// wanted, once.
	FakeAccuracy() (wait func() (float64, error))
	// State reads out everything that a later step depends on, but keys.
	State() (State, error)
	Close() error
}

// State is the state of an engine between steps. Tensors holds the parameters
// and running statistics by name, the generator's moving average under
// "average/", and the optimisers' moments under "first/" and "second/".
type State struct {
	Tensors             Tensors
	Draws               uint64 // of the public randomness
	GeneratorSteps      uint64
	DiscriminatorSteps  uint64
	FakeLoss, FakeShare float32 // moving averages on fakes
}

// EngineMaker builds an engine that reads private rows through gate alone.
type EngineMaker func(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error)

// Adam's constants (Kingma, Ba 2015). The discriminator's first moment averages
// over ten steps, which averages noise; the generator's over two.
const (
	DiscriminatorBeta1 = 0.9
	DiscriminatorBeta2 = 0.999
	GeneratorBeta1     = 0.5
	GeneratorBeta2     = 0.99
	AdamEpsilon        = 1e-8
)

// AccuracyDecay is the decay of the moving average behind FakeAccuracy.
const AccuracyDecay = 0.98

// Streams of the public randomness. Draws of the same stream are told apart by
// the draw counter, which counts updates and generator steps, or, under the
// secret seed of what is drawn on real rows, chunks.
const (
	LatentStream uint32 = iota + 1
	ConditionStream
	HeadsStream
	OwnConditionStream
	DropoutStream // and the ones after it, by layer
)
