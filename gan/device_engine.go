package gan

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// deviceEngine runs both nets as recorded sequences of device operations.
type deviceEngine struct {
	held
	step  *dpsgd.Step
	gstep device.Program

	generator     trained
	discriminator trained
	running       trained // statistics: no optimiser
	average       device.Vector
	stats         device.Vector
	decay         float32
}

// trained is a parameter vector with its optimiser.
type trained struct {
	store *store
	adam  device.Adam
}

// NewDeviceEngine is the EngineMaker of every device.
func NewDeviceEngine(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error) {
	gshape, dshape := newGeneratorShape(b.Model.Generator, b.Layout), newDiscriminatorShape(b.Model.Discriminator, b.Layout)
	a := &arena{dev: dev}
	e := &deviceEngine{held: held{dev: dev, draws: a.counter(), accuracy: a.vector(2)}, decay: float32(b.Training.EMADecay), stats: a.vector(2)}
	e.generator = newTrained(a, &gshape.parameters, GeneratorBeta1, GeneratorBeta2)
	e.discriminator = newTrained(a, &dshape.parameters, DiscriminatorBeta1, DiscriminatorBeta2)
	e.running = trained{store: &gshape.running, adam: device.Adam{Parameters: a.vector(gshape.running.size)}}
	e.average = a.vector(gshape.parameters.size)
	e.vectors = []heldVector{{e.running.store, "", e.running.adam.Parameters}, {e.generator.store, "average/", e.average}}
	e.hold(e.generator)
	e.hold(e.discriminator)
	e.generatorSteps, e.discriminatorSteps = e.generator.adam.Step, e.discriminator.adam.Step
	seed := a.buffer(device.Uint64, 1)
	cumulative := a.vector(max(len(b.Cumulative), 1))
	if a.err != nil {
		return nil, a.err
	}
	dev.Upload(seed, 0, []uint64{b.Seed})
	if len(b.Cumulative) > 0 {
		dev.Upload(cumulative.Buffer, 0, b.Cumulative)
	}
	if err := e.restore(b.Initial); err != nil {
		return nil, err
	}
	rng := func(stream uint32) device.RNG { return device.RNG{Seed: seed, Step: e.draws, Stream: stream} }
	fakes := &fakeMaker{rng: rng, cumulative: cumulative, temperature: float32(b.Model.Generator.Temperature),
		generator: newGenerator(a, gshape, b.Training.GeneratorBatchSize, e.generator.adam.Parameters, e.running.adam.Parameters)}
	secret := device.RNG{Seed: a.buffer(device.Uint64, 1), Step: a.counter()}
	own, dropout := secret, secret
	own.Stream, dropout.Stream = OwnConditionStream, DropoutStream
	var white *whitener
	if b.White != nil {
		w := newWhitener(a, b.White)
		white = &w
	}
	real := newView(a, newDiscriminator(a, dshape, b.Step.PhysicalBatch, e.discriminator.adam.Parameters, dropout), white)
	fake := newView(a, newDiscriminator(a, dshape, b.Training.GeneratorBatchSize, e.discriminator.adam.Parameters, rng(DropoutStream)), white)
	fakes.soft = a.matrix(b.Training.GeneratorBatchSize, b.Layout.Width)
	back := newGeneratorBackward(a, fakes.generator)
	drows := a.matrix(b.Training.GeneratorBatchSize, b.Layout.Width)
	if a.err != nil {
		return nil, a.err
	}
	e.gstep = dev.Record("generator step", func() { e.generatorStep(fakes, fake, back, drows) })
	var err error
	e.step, err = dpsgd.NewStep(dev, gate, b.Step, dpsgd.Model{
		Rows: real.seen, Layout: b.Layout, Draw: e.draws, Adam: e.discriminator.adam,
		PrivateSeed: secret.Seed, PrivateDraw: secret.Step,
		Real: func() {
			dev.OwnCondition(real.condition(), real.seen, b.Layout, own)
			real.forward()
			dev.LogisticDelta(real.deltas[len(real.deltas)-1], real.logits(), 1, 1, device.Vector{})
			real.backward()
		},
		RealLayers: real.gradientLayers(),
		Fake: func() {
			fakes.make(fake)
			fake.forward()
			dev.LogisticDelta(fake.deltas[len(fake.deltas)-1], fake.logits(), 0, 1, e.stats)
			fake.backward()
			dev.MovingAverage(e.accuracy, e.stats, AccuracyDecay)
		},
		FakeLayers: fake.gradientLayers(),
	})
	if err != nil {
		return nil, err
	}
	return e, dev.Sync()
}

// fakeMaker makes fakes: a row and the condition it was made for.
type fakeMaker struct {
	rng         func(stream uint32) device.RNG
	cumulative  device.Vector
	temperature float32
	generator   *generator
	soft        device.Matrix
}

func (f *fakeMaker) make(into *view) {
	dev, g := f.generator.dev, f.generator
	dev.FillNormal(g.latent(), f.rng(LatentStream))
	if g.layout.ConditionWidth > 0 {
		dev.DrawCondition(g.condition(), g.layout, f.cumulative, f.rng(ConditionStream))
		dev.Copy(into.condition(), g.condition())
	}
	g.forward(true)
	dev.HeadsForward(into.seen, f.soft, g.logits, g.layout, f.temperature, f.rng(HeadsStream))
}

// generatorStep maximises ln D(fake), the non-saturating loss, and the
// log-likelihood of the condition under the logits.
func (e *deviceEngine) generatorStep(fakes *fakeMaker, fake *view, back *generatorBackward, drows device.Matrix) {
	dev, g := e.dev, fakes.generator
	weight := 1 / float32(fake.logits().Rows)
	fakes.make(fake)
	fake.forward()
	dev.LogisticDelta(fake.deltas[len(fake.deltas)-1], fake.logits(), 1, weight, device.Vector{})
	fake.backward()
	fake.backwardInput(drows)
	dev.HeadsBackward(back.dlogits, drows, fakes.soft, g.layout, fakes.temperature)
	if g.layout.ConditionWidth > 0 {
		dev.ConditionDelta(back.dlogits, g.logits, g.condition(), g.layout, weight)
	}
	back.backward()
	dev.Increment(e.draws)
	dev.Increment(e.generator.adam.Step)
	dev.AdamUpdate(e.generator.adam, back.gradient)
	dev.MovingAverage(e.average, e.generator.adam.Parameters, e.decay)
}

func newTrained(a *arena, s *store, beta1, beta2 float32) trained {
	return trained{store: s, adam: device.Adam{
		Parameters: a.vector(s.size), First: a.vector(s.size), Second: a.vector(s.size),
		LearningRate: a.buffer(device.Float32, 1), Step: a.counter(),
		Beta1: beta1, Beta2: beta2, Epsilon: AdamEpsilon}}
}

func (e *deviceEngine) DiscriminatorStep(learningRate float64) error {
	e.dev.Upload(e.discriminator.adam.LearningRate, 0, []float32{float32(learningRate)})
	e.step.Run()
	return nil // errors surface when something is read
}

func (e *deviceEngine) GeneratorStep(learningRate float64) error {
	e.dev.Upload(e.generator.adam.LearningRate, 0, []float32{float32(learningRate)})
	e.gstep.Run()
	return nil
}

func (e *deviceEngine) Close() error {
	e.step.Release()
	return e.dev.Sync()
}
