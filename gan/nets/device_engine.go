package nets

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// deviceEngine runs generator and discriminator as recorded sequences of device
// operations.
type deviceEngine struct {
	engineState
	generator        *trainedGenerator
	step             *dpsgd.Step // of the pairs; nil: none
	means            []device.Mean
	targets          []*device.Moments
	scratch          *device.Moments
	loss             device.Vector
	generatorProgram device.Program
	evaluate         []device.Program
	net              *netTrainer // nil: none
	arena            *allocator
}

// NewDeviceEngine is the EngineMaker of every device.
func NewDeviceEngine(dev device.Device, gate *dpsgd.Gate, b EngineConfig) (Engine, error) {
	a, d := &allocator{dev: dev}, b.Layout.Width
	shape := newGeneratorShape(b.Atoms, b.Layout)
	e := &deviceEngine{generator: newTrainedGenerator(a, shape), arena: a, loss: a.vector(1), targets: make([]*device.Moments, Means), evaluate: make([]device.Program, Means),
		scratch: &device.Moments{Moment: a.matrix(d, d), Product: a.matrix(b.Atoms.Count, d), Share: a.vector(b.Atoms.Count), Sum: a.vector(d)}}
	e.engineState = engineState{dev: dev, draws: a.counter(), accuracy: a.vector(2), generatorSteps: e.generator.net.adam.Step, pairsSteps: a.counter(), netSteps: a.counter()}
	e.track(e.generator.net)
	e.track(e.generator.latents)
	net, codes := e.generator.bestParts()
	e.vectors = append(e.vectors, stateVector{&shape.parameters, bestPrefix, net}, stateVector{&shape.codes, bestPrefix, codes})
	for k, prefix := range meanPrefixes {
		n := b.Pairs.Weights
		e.means = append(e.means, device.Mean{Values: a.vector(n), Scale: a.vector(n), Count: a.vector(n)})
		e.vectors = append(e.vectors, stateVector{pairsLayout(b.Pairs), prefix, e.means[k].Values})
	}
	if b.Net != nil {
		e.net = newNetTrainer(a, e.generator, &b, e.draws, e.accuracy)
		e.track(e.net.trained)
		e.netSteps = e.net.trained.adam.Step
	}
	if a.err != nil {
		return nil, a.err
	}
	for k, m := range e.means {
		if m.Values.Len > 0 {
			dev.Upload(m.Scale.Buffer, 0, b.Scale[k])
			dev.Upload(m.Count.Buffer, 0, b.Count[k])
		}
	}
	if err := e.restore(b.Initial); err != nil {
		return nil, err
	}
	// Both optimisers of the generator count its steps.
	dev.Upload(e.generator.latents.adam.Step, 0, []uint64{b.Initial.GeneratorSteps})
	return e, e.buildSteps(gate, &b)
}

// buildSteps makes the private steps.
func (e *deviceEngine) buildSteps(gate *dpsgd.Gate, b *EngineConfig) (err error) {
	if b.Step.SampleRate == 0 {
		return e.dev.Sync()
	}
	if e.net == nil && b.Pairs.Weights > 0 {
		e.step, err = dpsgd.NewStep(e.dev, gate, b.Step, dpsgd.Model{Cells: b.Cells, Update: e.pairsSteps, Pairs: &dpsgd.Pairs{Tables: b.Pairs, Means: e.means}})
	}
	if err == nil && e.net != nil {
		err = e.net.buildStep(gate, b)
	}
	if err != nil {
		return err
	}
	return e.dev.Sync()
}

// pairsLayout names the weights of the second-order discriminator.
func pairsLayout(pairs *device.PairTables) *tensorLayout {
	s := &tensorLayout{}
	if pairs.Weights > 0 {
		s.add("discriminator.pairs", pairs.Weights)
	}
	return s
}

// PairsStep does one privatized step; errors surface when something is read.
func (e *deviceEngine) PairsStep(k int) error {
	e.step.Run(k)
	return nil
}

// Weights reads mean k.
func (e *deviceEngine) Weights(k int) ([]float32, error) {
	v := e.means[k].Values
	out := make([]float32, v.Len)
	if err := e.dev.Download(out, v.Buffer, v.Offset); err != nil {
		return nil, fmt.Errorf("gan: read the discriminator: %w", err)
	}
	return out, nil
}

// Aim uploads target, and at the first time records what is done with it.
func (e *deviceEngine) Aim(k int, target *Targets) error {
	m := e.targets[k]
	if m == nil {
		of, d := *e.scratch, len(target.One)
		m = &of
		m.One, m.OneWeight, m.Slice = e.arena.vector(d), e.arena.vector(d), target.Slice
		for range target.Slice {
			m.Two, m.TwoWeight = append(m.Two, e.arena.matrix(d, d)), append(m.TwoWeight, e.arena.matrix(d, d))
		}
		if e.arena.err != nil {
			return e.arena.err
		}
		e.targets[k] = m
		e.evaluate[k] = e.dev.Record("judge the generator", func() {
			e.generator.forward()
			e.dev.MomentDelta(device.Matrix{}, e.generator.p, m, e.loss)
		})
		if k == Fitted {
			e.generatorProgram = e.dev.Record("generator step", func() { e.generatorStep(m) })
		}
		if err := e.dev.Sync(); err != nil { // a program for which there is no memory says so here
			return err
		}
	}
	e.dev.Upload(m.One.Buffer, 0, target.One)
	e.dev.Upload(m.OneWeight.Buffer, 0, target.OneWeight)
	for s := range m.Slice {
		e.dev.Upload(m.Two[s].Buffer, 0, target.Two[s])
		e.dev.Upload(m.TwoWeight[s].Buffer, 0, target.TwoWeight[s])
	}
	return nil
}

// generatorStep does one step of Adam on the generator against what it is fitted to, and
// the net.
func (e *deviceEngine) generatorStep(target *device.Moments) {
	t := e.generator
	t.forward()
	t.dev.MomentDelta(t.dp, t.p, target, e.loss)
	t.dev.HeadsBackward(t.dlogits, t.dp, t.p, t.layout, 1)
	if e.net != nil {
		e.net.pull(t)
	}
	t.update()
}

// GeneratorStep does one step of the generator.
func (e *deviceEngine) GeneratorStep(net, codes float64) error {
	e.dev.Upload(e.generator.net.adam.LearningRate, 0, []float32{float32(net)})
	e.dev.Upload(e.generator.latents.adam.LearningRate, 0, []float32{float32(codes)})
	e.generatorProgram.Run()
	return nil
}

// Loss is that of device.MomentDelta, the discriminator's advantage.
func (e *deviceEngine) Loss(k int) (float64, error) {
	e.evaluate[k].Run()
	var value [1]float32
	if err := e.dev.Download(value[:], e.loss.Buffer, e.loss.Offset); err != nil {
		return math.NaN(), fmt.Errorf("gan: judge the generator: %w", err)
	}
	return float64(value[0]), nil
}

// NetStep does one privatized step of the net.
func (e *deviceEngine) NetStep(learningRate float64) error {
	e.dev.Upload(e.net.trained.adam.LearningRate, 0, []float32{float32(learningRate)})
	e.net.step.Run(0)
	return nil
}

// Keep remembers the generator as the best.
func (e *deviceEngine) Keep() { e.generator.keep() }

// Recall makes the generator the best.
func (e *deviceEngine) Recall() { e.generator.recall() }

// Close frees the rows.
func (e *deviceEngine) Close() error {
	if e.step != nil {
		e.step.Release()
	}
	if e.net != nil && e.net.step != nil {
		e.net.step.Release()
	}
	return e.dev.Sync()
}
