package reference

import (
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/nets"
)

// engine is gan.Engine on expression graphs. Its graphs are compiled once and
// run again with other values in their leaves.
type engine struct {
	config      nets.EngineConfig
	host        *dpsgd.HostStep // nil: no steps are planned
	sum         []int64         // of a step, of the pairs' weights or the net's parameters
	draws       uint64          // of the public randomness
	generator   *parameters
	codes       *parameters
	there, back *generator // from the codes to the logits, and back
	best        nets.Tensors
	judges      map[int]*moments // by mean, once aimed
	means       []*mean
	pairs       *secondOrder // nil: no steps of it
	pairsSteps  uint64
	net         *adversary // nil: none
}

// NewEngine is the gan.EngineMaker of the reference. It computes on the host, in
// float64.
func NewEngine(_ device.Device, gate *dpsgd.Gate, b nets.EngineConfig) (nets.Engine, error) {
	e := &engine{config: b, draws: b.Initial.Draws, pairsSteps: b.Initial.PairsSteps, judges: map[int]*moments{}, best: nets.Tensors{}}
	shape := newGeneratorShape(b.Atoms, b.Layout)
	err := e.restore(shape)
	if err == nil {
		e.there, err = newGenerator(shape, &e.generator.vector, &e.codes.vector)
	}
	if err == nil {
		e.back, err = newGeneratorBackward(shape, &e.generator.vector, &e.codes.vector)
	}
	if err == nil {
		err = e.place(gate, b.Step.SampleRate > 0)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (e *engine) restore(shape *generatorShape) (err error) {
	s := &e.config.Initial
	if e.generator, err = newParameters(shape.inventory, generatorAdam, s, s.GeneratorSteps); err != nil {
		return err
	}
	if e.codes, err = newParameters(shape.codes, generatorAdam, s, s.GeneratorSteps); err != nil {
		return err
	}
	for _, p := range []*parameters{e.generator, e.codes} {
		values, err := p.load(s.Tensors, bestPrefix)
		if err != nil {
			return err
		}
		p.inventory.store(e.best, bestPrefix, values)
	}
	e.means, err = newMeans(&e.config)
	return err
}

const bestPrefix = "best/"

var errUnplanned = errors.New("reference: a step of a discriminator for which none were planned")

// place builds the discriminator that learns, if steps are planned, and the net in any case.
func (e *engine) place(gate *dpsgd.Gate, steps bool) (err error) {
	b, size := &e.config, e.config.Pairs.Weights
	if b.Net != nil {
		if e.net, err = newAdversary(b); err != nil {
			return err
		}
		size = e.net.size
	} else if steps && size > 0 {
		if e.pairs, err = newSecondOrder(b.Pairs, b.Layout); err != nil {
			return err
		}
	}
	if steps && size > 0 {
		e.sum = make([]int64, size)
		e.host, err = dpsgd.NewHostStep(gate, b.Step, b.Cells, e.net != nil)
	}
	return err
}

// now is the public randomness of the current update or generator step.
func (e *engine) now() draws { return draws{e.config.Seed, e.draws} }

// Aim sets what mean k wants of the generator.
func (e *engine) Aim(k int, target *nets.Targets) (err error) {
	if e.judges[k] == nil {
		if e.judges[k], err = newMoments(e.config.Layout, e.config.Atoms.Count, target.Slice); err != nil {
			return err
		}
	}
	e.judges[k].aim(target)
	return nil
}

// GeneratorStep does one step of Adam against what the generator is fitted to, and the net.
func (e *engine) GeneratorStep(net, codes float64) error {
	m, err := e.judge(0)
	if err == nil {
		copy(e.back.pull, m.byLogits.values())
		if e.net != nil {
			err = e.lean(e.back.pull, m.logits)
		}
	}
	if err == nil {
		err = e.back.run()
	}
	if err != nil {
		return fmt.Errorf("reference: generator step: %w", err)
	}
	e.back.back.write()
	e.generator.update(net)
	e.codes.update(codes)
	return nil
}

// judge computes how far the generator is from what mean k wants.
func (e *engine) judge(k int) (*moments, error) {
	if err := e.there.run(); err != nil {
		return nil, err
	}
	return e.judges[k], e.judges[k].judge(e.there.logits.values())
}

// Loss is the discriminator's advantage by mean k.
func (e *engine) Loss(k int) (float64, error) {
	m, err := e.judge(k)
	if err != nil {
		return math.NaN(), fmt.Errorf("reference: judge the generator: %w", err)
	}
	return m.loss.scalar(), nil
}

// FakeAccuracy is the moving average of the share of fakes recognised.
func (e *engine) FakeAccuracy() (float64, error) {
	if e.net == nil {
		return float64(e.config.Initial.FakeShare), nil
	}
	return float64(e.net.share), nil
}

// Keep remembers the generator as the best.
func (e *engine) Keep() {
	for _, p := range []*parameters{e.generator, e.codes} {
		p.inventory.store(e.best, bestPrefix, p.values)
	}
}

// Recall makes the generator what it was when it was the best.
func (e *engine) Recall() {
	for _, p := range []*parameters{e.generator, e.codes} {
		for _, t := range p.entries {
			copy(p.values[t.offset:], e.best[bestPrefix+t.name].Data().([]float32))
		}
		widen(p.wide, p.values)
	}
}

// State copies out all that a later step depends on, but keys.
func (e *engine) State() (nets.State, error) {
	began := &e.config.Initial
	s := nets.State{Tensors: maps.Clone(e.best), Draws: e.draws, GeneratorSteps: e.generator.step, PairsSteps: e.pairsSteps,
		NetSteps: began.NetSteps, FakeLoss: began.FakeLoss, FakeShare: began.FakeShare}
	e.generator.store(s.Tensors)
	e.codes.store(s.Tensors)
	for _, m := range e.means {
		m.store(s.Tensors, m.prefix, m.values)
	}
	if n := e.net; n != nil {
		n.store(s.Tensors)
		s.NetSteps, s.FakeLoss, s.FakeShare = n.step, n.loss, n.share
	}
	return s, nil
}

// Close lets go of the graphs.
func (e *engine) Close() error {
	machines := []*machine{e.there.machine, e.back.machine}
	for _, m := range e.judges {
		machines = append(machines, m.machine)
	}
	if e.pairs != nil {
		machines = append(machines, e.pairs.machine)
	}
	if e.net != nil {
		machines = append(machines, e.net.record.machine, e.net.batch.machine, e.net.straight.machine)
	}
	var errs []error
	for _, m := range machines {
		errs = append(errs, m.close())
	}
	return errors.Join(errs...)
}
