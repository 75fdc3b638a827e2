package reference

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
)

// simulatedRows is the size of the table that Verify trains on.
const simulatedRows = 240

// simulatedLayout has what a row can have: numbers cut into modes with an offset,
// one with a missing mode and one with a spike, conditioned and unconditioned
// categories, and a category with a missing value.
func simulatedLayout() *device.Layout {
	l := &device.Layout{}
	for j, c := range []struct {
		offset, conditioned bool
		edges               []uint32
	}{
		{true, false, []uint32{0, 40, 100, 120, 121}},
		{false, true, []uint32{0, 1, 2, 3}},
		{true, true, []uint32{0, 1, 300, 1000}},
		{false, true, []uint32{0, 1, 2}},
		{false, false, []uint32{0, 1, 2, 3, 4, 5}},
	} {
		span := device.Span{Column: j, Start: l.Width, Offset: c.offset, Edges: c.edges, Condition: -1}
		l.Width = span.ModeStart() + span.Modes()
		if c.conditioned {
			span.Condition = l.ConditionWidth
			l.ConditionWidth += span.Modes()
		}
		l.Spans = append(l.Spans, span)
	}
	return l
}

// gate holds rows that are nobody's. It has no budget: nothing is
// measured through it, and the steps release nothing private.
func (t trial) gate(layout *device.Layout) (*dpsgd.Gate, error) {
	r := rand.New(rand.NewPCG(t.seed, 1))
	sizes, columns := make([]uint32, len(layout.Spans)), make([][]uint32, len(layout.Spans))
	for j := range layout.Spans {
		edges := layout.Spans[j].Edges
		sizes[j] = edges[len(edges)-1]
		for range simulatedRows {
			mode := r.IntN(len(edges) - 1)
			columns[j] = append(columns[j], edges[mode]+r.Uint32N(edges[mode+1]-edges[mode]))
		}
	}
	gate := dpsgd.NewGate(sizes, nil, dpsgd.InsecureEntropy(t.seed))
	return gate, gate.Append(columns)
}

// blueprint has every ingredient of a run: several hidden layers,
// dropout, conditions, noise, records on both sides of the clipping norm, and
// Poisson batches on both sides of the physical batch.
func (t trial) blueprint(layout *device.Layout, steps int) (gan.Blueprint, error) {
	const batch = 48
	b := gan.Blueprint{Layout: layout, Seed: t.seed,
		Model: gan.ModelConfig{
			Generator:     gan.GeneratorConfig{Latent: 8, Hidden: t.generator, Temperature: 0.5},
			Discriminator: gan.DiscriminatorConfig{Hidden: t.discriminator, Dropout: 0.25}},
		Training: gan.TrainingConfig{BatchSize: batch, Steps: steps, GeneratorBatchSize: t.fakes, EMADecay: 0.9},
		Step: dpsgd.StepConfig{BatchSize: batch, SampleRate: float64(batch) / simulatedRows,
			MaxGradNorm: t.norm, NoiseMultiplier: 0.5, PhysicalBatch: batch - 2}}
	for _, k := range layout.Conditioned() {
		modes := layout.Spans[k].Modes()
		for m := range modes {
			b.Cumulative = append(b.Cumulative, float32(m+1)/float32(modes))
		}
	}
	if !t.rounds {
		var err error
		if b.White, err = gan.WhitenColumns(layout, unevenShares(layout)); err != nil {
			return b, err
		}
	}
	b.Initial = t.state(newGeneratorShape(b.Model.Generator, layout), newDiscriminatorShape(b.Model.Discriminator, layout, b.White))
	return b, nil
}

// unevenShares are shares of the modes of each column: 1, 4, 9 … to one another.
// The rows, which are even, then differ in length as rows of a table do.
func unevenShares(layout *device.Layout) [][]float64 {
	shares := make([][]float64, len(layout.Spans))
	for j := range layout.Spans {
		n := layout.Spans[j].Modes()
		sum := 0.0
		for k := range n {
			shares[j] = append(shares[j], math.Pow(float64(k+1), 2))
			sum += shares[j][k]
		}
		for k := range shares[j] {
			shares[j][k] /= sum
		}
	}
	return shares
}

// state draws weights and biases uniformly from ±1/√fan_in.
func (t trial) state(g *generatorShape, d *discriminatorShape) gan.State {
	r := rand.New(rand.NewPCG(t.seed, 2))
	state := gan.State{Tensors: gan.Tensors{}}
	for _, v := range []*inventory{&g.inventory, &d.inventory, &g.running} {
		values, fanIn := make([]float32, v.size), 1
		for _, e := range v.entries {
			if len(e.shape) == 2 {
				fanIn = e.shape[0]
			}
			for i := range e.shape.TotalSize() {
				switch {
				case strings.HasSuffix(e.name, ".gamma") || strings.HasSuffix(e.name, ".running_var"):
					values[e.offset+i] = 1
				case strings.HasSuffix(e.name, ".beta") || strings.HasSuffix(e.name, ".running_mean"):
				default:
					values[e.offset+i] = (2*r.Float32() - 1) / float32(math.Sqrt(float64(fanIn)))
				}
				if strings.HasPrefix(e.name, "generator.heads.") {
					values[e.offset+i] *= t.heads
				}
			}
		}
		v.store(state.Tensors, "", values)
		if v == &g.running {
			continue
		}
		v.store(state.Tensors, "first/", make([]float32, v.size))
		v.store(state.Tensors, "second/", make([]float32, v.size))
		if v == &g.inventory {
			v.store(state.Tensors, "average/", values)
		}
	}
	return state
}
