package gan

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

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

// Sampler draws synthetic rows from a model: the same rows for the same model,
// seed and batch, whatever the device's threads and however they are asked for.
type Sampler struct {
	*generations
	program device.Program
	codes   device.Buffer
	rows    []uint32
	columns [][]uint32
	batch   int
	used    int // rows handed out of the batch on hand
}

// NewSampler prepares to draw batch rows at a time.
func NewSampler(dev device.Device, m *Model, seed uint64, batch int) (*Sampler, error) {
	if batch < 1 {
		return nil, fmt.Errorf("gan: sample batch=%d: must be at least 1", batch)
	}
	g, err := newGenerations(dev, m, seed, batch)
	if err != nil {
		return nil, err
	}
	spans := len(g.generator.layout.Spans)
	s := &Sampler{generations: g, rows: make([]uint32, batch*spans), columns: make([][]uint32, spans), batch: batch, used: batch}
	if s.codes, err = dev.Alloc(device.Uint32, batch*spans); err != nil {
		return nil, err
	}
	for j := range s.columns {
		s.columns[j] = make([]uint32, batch)
	}
	s.program = s.drawer(s.codes)
	return s, nil
}

// Next is the next rows, at most n and at least one, as one slice of codes a
// column. The slices are reused by the following call.
func (s *Sampler) Next(n int) ([][]uint32, error) {
	if s.used == s.batch {
		s.program.Run()
		if err := s.dev.Download(s.rows, s.codes, 0); err != nil {
			return nil, fmt.Errorf("gan: sample: %w", err)
		}
		for j := range s.columns {
			for i := range s.columns[j] {
				s.columns[j][i] = s.rows[i*len(s.columns)+j]
			}
		}
		s.used = 0
	}
	n = min(n, s.batch-s.used)
	out := make([][]uint32, len(s.columns))
	for j := range out {
		out[j] = s.columns[j][s.used : s.used+n]
	}
	s.used += n
	return out, nil
}
