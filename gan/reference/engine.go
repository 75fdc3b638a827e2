package reference

import (
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
)

// engine is gan.Engine on expression graphs. Its graphs are compiled once and
// run again with other values in their leaves.
type engine struct {
	blueprint gan.Blueprint
	host      *dpsgd.HostStep

	discriminatorParameters *parameters
	generatorParameters     *parameters
	average                 []float32 // of the generator's parameters
	running                 *statistics
	draws                   uint64
	chunks                  uint64  // of real rows, in all
	loss, share             float32 // moving averages on fakes
	margin                  float64 // the least by which a mode won against the next best

	record        *discriminator // one record, gradient by the parameters
	batch         *discriminator // the generator's batch, gradient by the rows
	generator     *generator
	generatorLoss *generatorLoss
	dropout       float32

	layers            []affine  // of the discriminator
	private, gradient []float64 // of its parameters
	public            []int64   // sum over fakes, as device.Gradients.ClippedSum makes it
	generatorGradient []float64
}

// NewEngine is the gan.EngineMaker of the reference. It computes on the host, in
// float64.
func NewEngine(_ device.Device, gate *dpsgd.Gate, b gan.Blueprint) (gan.Engine, error) {
	gshape, dshape := newGeneratorShape(b.Model.Generator, b.Layout), newDiscriminatorShape(b.Model.Discriminator, b.Layout, b.White)
	e := &engine{blueprint: b, margin: math.Inf(1), dropout: dshape.dropout, private: make([]float64, dshape.size), public: make([]int64, dshape.size),
		layers: dshape.layers, gradient: make([]float64, dshape.size), generatorGradient: make([]float64, gshape.size)}
	if err := e.restore(gshape, dshape); err != nil {
		return nil, err
	}
	var errs [5]error
	e.host, errs[0] = dpsgd.NewHostStep(gate, b.Step, b.Layout)
	batch := b.Training.GeneratorBatchSize
	e.record, errs[1] = newRecordLoss(dshape, e.discriminatorParameters, b.Layout)
	e.batch, errs[2] = newBatchLoss(dshape, e.discriminatorParameters, b.Layout, batch)
	e.generator, errs[3] = newGenerator(gshape, e.generatorParameters, b.Layout, batch)
	e.generatorLoss, errs[4] = newGeneratorLoss(gshape, e.generatorParameters, b.Layout, batch, b.Model.Generator.Temperature)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *engine) restore(gshape *generatorShape, dshape *discriminatorShape) (err error) {
	s := &e.blueprint.Initial
	e.draws, e.loss, e.share = s.Draws, s.FakeLoss, s.FakeShare
	e.running = &statistics{inventory: gshape.running, blocks: gshape.blocks}
	if e.running.values, err = gshape.running.load(s.Tensors, ""); err != nil {
		return err
	}
	if e.average, err = gshape.load(s.Tensors, "average/"); err != nil {
		return err
	}
	if e.generatorParameters, err = newParameters(gshape.inventory, gan.GeneratorBeta1, gan.GeneratorBeta2, *s, s.GeneratorSteps); err != nil {
		return err
	}
	e.discriminatorParameters, err = newParameters(dshape.inventory, gan.DiscriminatorBeta1, gan.DiscriminatorBeta2, *s, s.DiscriminatorSteps)
	return err
}

// now is the public randomness of the current update or generator step.
func (e *engine) now() draws { return draws{e.blueprint.Seed, e.draws} }

// GeneratorStep minimises -ln D(fake), averaged over a batch of fakes, and the
// cross-entropy of the conditioned span.
func (e *engine) GeneratorStep(learningRate float64) error {
	f, err := e.makeFakes()
	if err != nil {
		return fmt.Errorf("reference: generator step: %w", err)
	}
	if err := e.judge(f); err != nil {
		return fmt.Errorf("reference: generator step: %w", err)
	}
	g, layout := e.generatorLoss, e.blueprint.Layout
	copy(g.latent, e.generator.latent)
	copy(g.condition, f.condition)
	copy(g.noise, f.noise)
	copy(g.shift, f.shift)
	copy(g.pull, e.batch.byRow.values())
	clear(g.wish)
	clear(g.asked)
	for i, w := range f.wishes {
		weight := 1 / float64(len(f.wishes))
		g.wish[i*layout.Width+layout.Spans[w.span].ModeStart()+w.mode] = weight
		g.asked[i*len(layout.Spans)+w.span] = weight
	}
	if err := g.run(); err != nil {
		return fmt.Errorf("reference: generator step: %w", err)
	}
	g.byParameter.write(e.generatorGradient)
	e.draws++
	e.generatorParameters.update(e.generatorGradient, learningRate)
	decay := float32(e.blueprint.Training.EMADecay)
	for i, v := range e.generatorParameters.values {
		e.average[i] = decay*e.average[i] + (1-decay)*v
	}
	return nil
}

// judge runs the discriminator on all of f, to be taken for real.
func (e *engine) judge(f *fakes) error {
	copy(e.batch.row, f.rows)
	copy(e.batch.condition, f.condition)
	batch := len(e.batch.sign)
	for i := range batch {
		e.batch.sign[i] = 1
	}
	for l, mask := range e.batch.masks {
		width := len(mask) / batch
		for i := range batch {
			e.now().mask(mask[i*width:(i+1)*width], l, i, e.dropout)
		}
	}
	return e.batch.run()
}

// FakeAccuracy is the moving average of the share of fakes recognised.
func (e *engine) FakeAccuracy() (wait func() (float64, error)) {
	share := float64(e.share)
	return func() (float64, error) { return share, nil }
}

// State copies out all that a later step depends on, but keys.
func (e *engine) State() (gan.State, error) {
	s := gan.State{Tensors: gan.Tensors{}, Draws: e.draws, GeneratorSteps: e.generatorParameters.step,
		DiscriminatorSteps: e.discriminatorParameters.step, FakeLoss: e.loss, FakeShare: e.share}
	e.discriminatorParameters.store(s.Tensors)
	e.generatorParameters.store(s.Tensors)
	e.generatorParameters.inventory.store(s.Tensors, "average/", e.average)
	e.running.store(s.Tensors, "", e.running.values)
	return s, nil
}

// Close lets go of the graphs.
func (e *engine) Close() error {
	var errs []error
	for _, m := range []*machine{e.record.machine, e.batch.machine, e.generator.machine, e.generatorLoss.machine} {
		errs = append(errs, m.close())
	}
	return errors.Join(errs...)
}
