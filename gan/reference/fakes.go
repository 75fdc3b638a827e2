package reference

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// fakes is a batch of generated rows and what it was made of.
type fakes struct {
	rows      []float64 // [B, Width], hard: tanh and one-hot
	condition []float64 // [B, ConditionWidth]
	wishes    []wish    // by record; none without conditions
	noise     []float64 // [B, Width], see generatorLoss
	shift     []float64 // [B, Width], see generatorLoss
}

// makeFakes runs the generator on fresh latents and conditions, which moves the
// running statistics, and makes its logits rows: the offset cells tanh, the modes
// one-hot at the largest logit + Gumbel noise.
func (e *engine) makeFakes() (*fakes, error) {
	batch, layout, d := e.blueprint.Training.GeneratorBatchSize, e.blueprint.Layout, e.now()
	f := &fakes{rows: make([]float64, batch*layout.Width), condition: make([]float64, batch*layout.ConditionWidth),
		noise: make([]float64, batch*layout.Width), shift: make([]float64, batch*layout.Width)}
	d.latents(e.generator.latent)
	for i := range batch {
		if layout.ConditionWidth == 0 {
			break
		}
		w := d.condition(layout, e.blueprint.Cumulative, i)
		f.wishes = append(f.wishes, w)
		f.condition[i*layout.ConditionWidth+layout.Spans[w.span].Condition+w.mode] = 1
	}
	copy(e.generator.condition, f.condition)
	if err := e.generator.run(); err != nil {
		return nil, err
	}
	e.running.follow(e.generator, batch)
	logits := e.generator.logits.values()
	for i := range batch {
		for k := range layout.Spans {
			e.margin = math.Min(e.margin, f.choose(&layout.Spans[k], logits, i*layout.Width, d))
		}
	}
	return f, nil
}

// choose makes the cells of one span of the record that starts at element from.
// It returns by how much the best mode won.
func (f *fakes) choose(span *device.Span, logits []float64, from int, d draws) float64 {
	if span.Offset {
		cell := from + span.Start
		f.rows[cell] = math.Tanh(logits[cell])
		f.noise[cell], f.shift[cell] = -logits[cell], logits[cell]
	}
	first := from + span.ModeStart()
	best, highest, next, largest := first, math.Inf(-1), math.Inf(-1), math.Inf(-1)
	for cell := first; cell < first+span.Modes(); cell++ {
		f.noise[cell] = d.gumbel(cell)
		largest = math.Max(largest, logits[cell])
		score := logits[cell] + f.noise[cell]
		if score > highest {
			best, highest, score = cell, score, highest
		}
		next = math.Max(next, score)
	}
	f.rows[best] = 1
	for cell := first; cell < first+span.Modes(); cell++ {
		f.noise[cell] -= highest
		f.shift[cell] = largest
	}
	return highest - next
}

// statistics are the running means and variances of the generator.
type statistics struct {
	inventory
	blocks []block
	values []float32
}

// follow moves them towards the batch that the generator just saw; the variance
// is the unbiased one.
func (s *statistics) follow(g *generator, batch int) {
	move := func(offset int, batch []float64, factor float64) {
		for j, v := range batch {
			into := &s.values[offset+j]
			*into = float32((1-device.BatchNormMomentum)*float64(*into) + device.BatchNormMomentum*factor*v)
		}
	}
	for l, b := range s.blocks {
		move(b.mean, g.means[l].values(), 1)
		move(b.variance, g.variances[l].values(), float64(batch)/float64(batch-1))
	}
}
