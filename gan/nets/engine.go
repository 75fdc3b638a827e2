package nets

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// EngineConfig is what an engine is built from.
type EngineConfig struct {
	Layout *device.Layout // of the columns' cells
	Cells  []dpsgd.Cells
	Atoms  AtomsConfig
	// Pairs are the tables of the second-order discriminator, and Scale and Count
	// [means][weights] what its means begin with (device.Mean). Step is how they and the
	// Net are trained; with a Step of no sample rate nothing is.
	Pairs        *device.PairTables
	Scale, Count [][]float32
	Step         dpsgd.StepConfig
	// Net is a second discriminator, nil for none.
	Net *NetConfig
	// Seed keys the public randomness: Gumbel noise, and the dropout of fakes. What is
	// drawn on real rows has a secret seed of the step's.
	Seed    uint64
	Initial State
}

// The means that the weights of the second-order discriminator are kept as: what the
// generator is fitted to, and what is held out to judge the fit by.
const (
	Fitted = iota
	HeldOut
	Means
)

// meanPrefixes are those of the means' tensors.
var meanPrefixes = []string{"", "held/"}

// Targets are the frequencies that a generator is fitted to, or judged by: what
// device.Moments holds, on the host. Over the D cells of a row they are One [D] and, for
// each slice, a symmetric table Two [D·D]; the weights are 0 where nothing is known.
type Targets struct {
	One, OneWeight []float32
	Two, TwoWeight [][]float32
	Slice          []int
}

// Engine trains a generator against a discriminator: on a device's operations, or on
// the reference's expression graphs. The n-th call does the same with either.
type Engine interface {
	// PairsStep does one privatized step of the second-order discriminator; it must be
	// paid for. It moves mean k.
	PairsStep(k int) error
	// Weights reads mean k of its weights.
	Weights(k int) ([]float32, error)
	// Aim sets what mean k wants of the generator: of mean 0 it is fitted to, of mean 1
	// judged by. Slices and shapes stay what they were when it was first called.
	Aim(k int, target *Targets) error
	// GeneratorStep does one step of the generator, at the learning rates of its net and
	// of its codes, against both discriminators.
	GeneratorStep(net, codes float64) error
	// Loss is how far the generator is from what mean k wants.
	Loss(k int) (float64, error)
	// NetStep does one privatized step of the net; it must be paid for.
	NetStep(learningRate float64) error
	// FakeAccuracy is the moving average of the share of fakes that the net recognised.
	// It depends on released parameters and fakes only.
	FakeAccuracy() (float64, error)
	// Keep remembers the generator as the best so far, which State has as "best/", and
	// Recall makes it what it was then.
	Keep()
	Recall()
	// State reads out everything that a later step depends on, but keys.
	State() (State, error)
	Close() error
}

// State is the state of an engine between steps. Tensors holds the parameters by name,
// the best generator's under "best/", the optimisers' moments under "first/" and
// "second/", and the second-order discriminator's means as "discriminator.pairs" and
// "held/discriminator.pairs".
type State struct {
	Tensors             Tensors
	Draws               uint64 // of the public randomness
	GeneratorSteps      uint64
	PairsSteps          uint64
	NetSteps            uint64
	FakeLoss, FakeShare float32 // moving averages on fakes
}

// EngineMaker builds an engine that reads private rows through gate alone.
type EngineMaker func(dev device.Device, gate *dpsgd.Gate, b EngineConfig) (Engine, error)

// Adam's constants (Kingma, Ba 2015). The net's first moment averages over ten steps,
// which averages noise. Gradients of frequencies are small, and so is the ε of the
// generator's.
const (
	NetBeta1         = 0.9
	NetBeta2         = 0.999
	NetEpsilon       = 1e-8
	GeneratorBeta1   = 0.9
	GeneratorBeta2   = 0.99
	GeneratorEpsilon = 1e-12
)

// AccuracyDecay is the decay of the moving average behind FakeAccuracy.
const AccuracyDecay = 0.98

// Streams of the public randomness. Draws of the same stream are told apart by
// the draw counter, which counts updates and generator steps, or, under the
// secret seed of what is drawn on real rows, chunks.
const (
	HeadsStream   uint32 = iota + 1
	DropoutStream        // and the ones after it, by layer
)
