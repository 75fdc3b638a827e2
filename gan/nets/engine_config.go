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

// EngineMaker builds an engine that reads private rows through gate alone.
type EngineMaker func(dev device.Device, gate *dpsgd.Gate, b EngineConfig) (Engine, error)

// NetConfig is a discriminator of layers (discriminatorShape) that sees rows through
// White, and how strongly it pulls at the generator.
type NetConfig struct {
	Config      DiscriminatorConfig
	White       *Whitening
	Temperature float64 // of the Gumbel-softmax through which its gradient goes
	Pull        float64 // of the length of the other discriminator's gradient
}
