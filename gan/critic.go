package gan

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/mixture"
)

// critic is the Engine of the hybrid mode's second stage: a discriminator,
// trained by DP-SGD, that tells real rows from those of the fitted mixture. The
// generator stays as it is; what the discriminator learns reweighs its samples.
type critic struct {
	held
	step          *dpsgd.Step
	discriminator trained
	average       device.Vector // moving average of the parameters
	indices       device.Buffer // of the fakes of a step
	fakes         device.Table
	random        *rand.Rand
	picked        []uint32
	kept          Tensors // of the stage before
}

// fakePool is how many fakes there are to choose from.
const fakePool = 1 << 15

// criticStart is what a critic is built from.
type criticStart struct {
	mixture  *mixture.Mixture
	columns  []Column
	white    *Whitening
	config   DiscriminatorConfig
	training TrainingConfig
	step     dpsgd.StepConfig
	seed     uint64
	initial  State
}

func newCritic(dev device.Device, gate *dpsgd.Gate, c criticStart) (*critic, error) {
	layout, a := cellLayout(c.columns), &arena{dev: dev}
	shape := newDiscriminatorShape(c.config, &device.Layout{Width: c.white.Outputs})
	batch := c.training.BatchSize
	e := &critic{held: held{dev: dev, draws: a.counter(), accuracy: a.vector(2)}, average: a.vector(shape.parameters.size),
		indices: a.buffer(device.Uint32, batch), random: rand.New(rand.NewPCG(c.seed, 0xfa4e5)), picked: make([]uint32, batch), kept: c.initial.Tensors}
	e.discriminator = newTrained(a, &shape.parameters, DiscriminatorBeta1, DiscriminatorBeta2)
	e.vectors = []heldVector{{e.discriminator.store, "average/", e.average}}
	e.hold(e.discriminator)
	e.discriminatorSteps = e.discriminator.adam.Step
	secret := device.RNG{Seed: a.buffer(device.Uint64, 1), Step: a.counter(), Stream: DropoutStream}
	public := device.RNG{Seed: a.buffer(device.Uint64, 1), Step: e.draws, Stream: DropoutStream}
	whiten := newWhitener(a, c.white)
	real := newDiscriminator(a, shape, c.step.PhysicalBatch, e.discriminator.adam.Parameters, secret)
	fake := newDiscriminator(a, shape, batch, e.discriminator.adam.Parameters, public)
	realRows, fakeRows := a.matrix(c.step.PhysicalBatch, layout.Width), a.matrix(batch, layout.Width)
	count, stats := a.buffer(device.Uint32, 1), a.vector(2)
	if a.err != nil {
		return nil, a.err
	}
	dev.Upload(public.Seed, 0, []uint64{c.seed})
	dev.Upload(count, 0, []uint32{uint32(batch)})
	if err := e.restore(c.initial); err != nil {
		return nil, err
	}
	cells := make([]dpsgd.Cells, len(c.columns))
	for j := range cells {
		cells[j] = c.columns[j].Cells
	}
	var err error
	if e.fakes, err = dev.NewTable(cellCodes(c.mixture.Sample(fakePool, c.seed), len(c.columns))); err != nil {
		return nil, err
	}
	e.step, err = dpsgd.NewStep(dev, gate, c.step, dpsgd.Model{
		Rows: realRows, Layout: layout, Cells: cells, Draw: e.draws, Adam: e.discriminator.adam,
		PrivateSeed: secret.Seed, PrivateDraw: secret.Step,
		Real: func() {
			whiten.apply(dev, real.input(), realRows)
			judge(dev, real, 1, device.Vector{})
		},
		RealLayers: real.gradientLayers(),
		Fake: func() {
			dev.MovingAverage(e.average, e.discriminator.adam.Parameters, criticDecay)
			dev.ExpandCodes(fakeRows, e.fakes, layout, e.indices, count)
			whiten.apply(dev, fake.input(), fakeRows)
			judge(dev, fake, 0, stats)
			dev.MovingAverage(e.accuracy, stats, AccuracyDecay)
		},
		FakeLayers: fake.gradientLayers(),
	})
	return e, err
}

// criticDecay is the decay of the moving average of the parameters.
const criticDecay = 0.98

// judge runs the discriminator forward and back against target.
func judge(dev device.Device, d *discriminator, target float32, stats device.Vector) {
	d.forward()
	dev.LogisticDelta(d.deltas[len(d.deltas)-1], d.logits(), target, 1, stats)
	d.backward()
}

// cellCodes are rows as columns of a table.
func cellCodes(rows *mixture.Rows, columns int) []device.Codes {
	codes := make([]device.Codes, columns)
	for j := range codes {
		codes[j].U32 = make([]uint32, rows.Len())
		for i := range codes[j].U32 {
			codes[j].U32[i] = rows.Cells[i*columns+j]
		}
	}
	return codes
}

// DiscriminatorStep draws the step's fakes and does one privatized step.
func (e *critic) DiscriminatorStep(learningRate float64) error {
	for i := range e.picked {
		e.picked[i] = e.random.Uint32N(fakePool)
	}
	e.dev.Upload(e.indices, 0, e.picked)
	e.dev.Upload(e.discriminator.adam.LearningRate, 0, []float32{float32(learningRate)})
	e.step.Run()
	return nil // errors surface when something is read
}

// GeneratorStep does nothing: the generator is fitted already.
func (e *critic) GeneratorStep(float64) error { return nil }

// Close frees the rows.
func (e *critic) Close() error {
	e.step.Release()
	e.fakes.Release()
	return e.dev.Sync()
}

// State reads out the discriminator, beside the stage before.
func (e *critic) State() (State, error) {
	s, err := e.held.State()
	for name, t := range e.kept {
		if _, trained := s.Tensors[name]; !trained {
			s.Tensors[name] = t
		}
	}
	return s, err
}

// initialCritic starts the discriminator: weights and biases uniform in
// ±1/√fan_in.
func initialCritic(shape *discriminatorShape, seed uint64) State {
	random := rand.New(rand.NewPCG(seed, 0xc417c))
	values := make([]float32, shape.parameters.size)
	for _, l := range shape.layers {
		bound := 1 / math.Sqrt(float64(l.in))
		uniform(values[l.weight:][:l.in*l.out], bound, random)
		uniform(values[l.bias:][:l.out], bound, random)
	}
	s := State{Tensors: Tensors{}}
	for prefix, v := range map[string][]float32{"": values, "average/": values,
		"first/": make([]float32, len(values)), "second/": make([]float32, len(values))} {
		shape.parameters.slice(s.Tensors, prefix, v)
	}
	return s
}
