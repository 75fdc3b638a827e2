package bench

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

// pairShape is what a second-order discriminator looks at: triples of columns columns
// with the target. The generator has atoms atoms of their cells.
type pairShape struct{ rows, batch, columns, cells, target, atoms int }

// secondOrder times the two steps of which a training without a net consists, each alone,
// on rows like those of a census.
func secondOrder(r *runner) error {
	s := pairShape{rows: 32_768, batch: 16_384, columns: 14, cells: 24, target: 2, atoms: 1024}
	if r.cfg.Quick {
		s = pairShape{rows: 2048, batch: 1024, columns: 5, cells: 8, target: 2, atoms: 64}
	}
	if r.cfg.Batch > 0 {
		s.rows, s.batch = 2*r.cfg.Batch, r.cfg.Batch
	}
	for _, w := range []work{s.pairsWork(), s.generatorWork()} {
		if err := r.time(w); err != nil {
			return err
		}
	}
	return nil
}

// layout has the target behind the columns.
func (s pairShape) layout() *device.Layout {
	layout := oneHot(s.columns, s.cells)
	last := oneHot(1, s.target).Spans[0]
	last.Column, last.Start = s.columns, layout.Width
	layout.Spans, layout.Width = append(layout.Spans, last), layout.Width+s.target
	return layout
}

// tables are those of all pairs of columns with the target, their gradients alike.
func (s pairShape) tables() *device.PairTables {
	pairs, sizes := &device.PairTables{}, []float64(nil)
	for a := range s.columns {
		for b := range a {
			pairs.Tables = append(pairs.Tables, device.PairTable{A: a, B: b, Target: s.columns, CountB: s.cells, CountTarget: s.target, Offset: pairs.Weights})
			pairs.Weights, sizes = pairs.Weights+s.cells*s.cells*s.target, append(sizes, 1)
		}
	}
	for t, g := range dpsgd.PairGradients(sizes) {
		pairs.Tables[t].Gradient = g
	}
	return pairs
}

// pairsWork is dpsgd.Step from Poisson batch to running mean. It has no products.
func (s pairShape) pairsWork() work {
	layout, pairs := s.layout(), s.tables()
	w := work{name: fmt.Sprintf("%d of %d rows x %d triples", s.batch, s.rows, len(pairs.Tables)), batch: s.batch, dim: layout.Width, modes: []string{private},
		bytes: 20*int64(pairs.Weights) + 8*int64(s.rows*len(layout.Spans))}
	w.build = func(a allocator) ([]contender, error) {
		gate, err := madeUpGate(layout, s.rows)
		if err != nil {
			return nil, err
		}
		mean := device.Mean{Values: a.vector(pairs.Weights), Scale: a.vector(pairs.Weights), Count: a.vector(pairs.Weights)}
		update := a.buffer(device.Uint64, 1)
		if a.err != nil {
			return nil, a.err
		}
		a.Fill(mean.Scale, 1)
		config := dpsgd.StepConfig{BatchSize: float64(s.batch), SampleRate: float64(s.batch) / float64(s.rows), MaxGradNorm: maxGradNorm,
			NoiseMultiplier: 1, PhysicalBatch: dpsgd.PhysicalBatch(float64(s.batch), s.rows, 0)}
		step, err := dpsgd.NewStep(a.meter, gate, config, dpsgd.Model{Update: update, Pairs: &dpsgd.Pairs{Tables: pairs, Means: []device.Mean{mean}}})
		if err != nil {
			return nil, err
		}
		return []contender{{mode: private, run: func() { step.Run(0) }, sync: a.Sync}}, nil
	}
	return w
}
