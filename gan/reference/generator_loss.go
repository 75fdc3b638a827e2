package reference

import "github.com/dpgan/dpgan/device"

// generatorLoss is the graph whose gradient trains the generator:
//
//	cost = Σ rows ⊙ pull + mean over records of -ln softmax(logits)[condition]
//
// rows are the soft rows: tanh of the offset cells, softmax((logits + g)/τ) of
// each span's modes. pull is the discriminator loss's gradient at the hard rows,
// held constant: its product with the soft rows passes it straight through the
// one-hot. Softmaxes are computed from logits minus a constant of each span,
// which changes neither value nor gradient but keeps exp in range.
type generatorLoss struct {
	*machine
	latent, condition []float64 // leaves, as the forward graph's
	pull              []float64 // leaf [B, Width]
	noise             []float64 // leaf [B, Width]: Gumbel noise minus each span's largest score
	shift             []float64 // leaf [B, Width]: each span's largest logit
	wish              []float64 // leaf [B, Width]: 1/B at the mode that the condition names
	asked             []float64 // leaf [B, spans]: 1/B at that mode's span
	cost              output
	byParameter       gradients
}

func newGeneratorLoss(shape *generatorShape, p *parameters, layout *device.Layout, batch int, temperature float64) (*generatorLoss, error) {
	t := newTrunk(shape, p, layout, batch)
	e := t.expression
	g := &generatorLoss{latent: t.latent, condition: t.condition}
	s := newSpans(e, layout, batch)
	var pull, noise node
	pull, g.pull = e.leaf("pull", batch, layout.Width)
	noise, g.noise = e.leaf("noise", batch, layout.Width)
	scores := e.times(e.add(t.logits, noise), e.fill("1/tau", batch, layout.Width, 1/temperature))
	weights := s.weights(scores)
	rows := e.add(e.times(e.tanh(t.logits), s.offsets), e.over(weights, e.add(s.spread(s.sums(weights)), s.offsets)))
	cost := e.total(e.times(rows, pull))
	if layout.ConditionWidth > 0 {
		var shift, wish, asked node
		shift, g.shift = e.leaf("shift", batch, layout.Width)
		wish, g.wish = e.leaf("wish", batch, layout.Width)
		asked, g.asked = e.leaf("asked", batch, len(layout.Spans))
		shifted := e.sub(t.logits, shift)
		partition := e.total(e.times(asked, e.log(s.sums(s.weights(shifted)))))
		cost = e.add(cost, e.sub(partition, e.total(e.times(wish, shifted))))
	}
	g.cost, g.byParameter = e.read(cost), t.gradients(cost)
	var err error
	g.machine, err = e.compile()
	return g, err
}

// spans are the constants that turn the modes of a row into sums by span.
type spans struct {
	*expression
	modes, offsets node // [B, Width]: 1 at mode cells, at all others
	member         node // [Width, spans]: 1 if the cell is a mode of the span
	members        node // its transpose
}

func newSpans(e *expression, layout *device.Layout, batch int) *spans {
	s := &spans{expression: e}
	var modes, offsets, member, members []float64
	n := len(layout.Spans)
	s.modes, modes = e.leaf("modes", batch, layout.Width)
	s.offsets, offsets = e.leaf("offsets", batch, layout.Width)
	s.member, member = e.leaf("member", layout.Width, n)
	s.members, members = e.leaf("members", n, layout.Width)
	for i := range offsets {
		offsets[i] = 1
	}
	for k := range layout.Spans {
		span := &layout.Spans[k]
		for cell := span.ModeStart(); cell < span.ModeStart()+span.Modes(); cell++ {
			member[cell*n+k], members[k*layout.Width+cell] = 1, 1
			for i := range batch {
				modes[i*layout.Width+cell], offsets[i*layout.Width+cell] = 1, 0
			}
		}
	}
	return s
}

// weights are eˣ at mode cells and 0 at others: [B, Width].
func (s *spans) weights(x node) node { return s.times(s.exp(x), s.modes) }

// sums adds up each span's cells: [B, spans].
func (s *spans) sums(x node) node { return s.mul(x, s.member) }

// spread repeats each span's number over its modes: [B, Width].
func (s *spans) spread(x node) node { return s.mul(x, s.members) }
