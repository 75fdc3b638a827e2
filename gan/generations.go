package gan

import "github.com/dpgan/dpgan/device"

// generations is a model's generator on a device.
type generations struct {
	dev        device.Device
	generator  *generator
	seed, step device.Buffer
	cumulative device.Vector
}

func newGenerations(dev device.Device, m *Model, seed uint64, batch int) (*generations, error) {
	layout := m.marginals.layout()
	shape := newGeneratorShape(m.config.Generator, layout)
	a := &arena{dev: dev}
	parameters, running := a.vector(shape.parameters.size), a.vector(shape.running.size)
	cumulative := m.marginals.cumulative()
	s := &generations{dev: dev, seed: a.counter(), step: a.counter(), cumulative: a.vector(max(len(cumulative), 1))}
	s.generator = newGenerator(a, shape, batch, parameters, running)
	if a.err != nil {
		return nil, a.err
	}
	for _, part := range []struct {
		store  *store
		vector device.Vector
	}{{&shape.parameters, parameters}, {&shape.running, running}} {
		values, err := part.store.join(m.tensors, "")
		if err != nil {
			return nil, err
		}
		dev.Upload(part.vector.Buffer, 0, values)
	}
	if len(cumulative) > 0 {
		dev.Upload(s.cumulative.Buffer, 0, cumulative)
	}
	dev.Upload(s.seed, 0, []uint64{seed})
	return s, dev.Sync()
}

func (s *generations) rng(stream uint32) device.RNG {
	return device.RNG{Seed: s.seed, Step: s.step, Stream: stream}
}

// forward draws latents and conditions and computes logits.
func (s *generations) forward(training bool) {
	g := s.generator
	s.dev.Increment(s.step)
	s.dev.FillNormal(g.latent(), s.rng(LatentStream))
	if g.layout.ConditionWidth > 0 {
		s.dev.DrawCondition(g.condition(), g.layout, s.cumulative, s.rng(ConditionStream))
	}
	g.forward(training)
}

// drawer is the program that draws one batch of rows into codes.
func (s *generations) drawer(codes device.Buffer) device.Program {
	condition := device.Matrix{}
	if s.generator.layout.ConditionWidth > 0 {
		condition = s.generator.condition()
	}
	return s.dev.Record("draw rows", func() {
		s.forward(false)
		s.dev.DrawCodes(codes, s.generator.logits, condition, s.generator.layout, s.rng(HeadsStream))
	})
}
