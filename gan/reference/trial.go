package reference

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/nets"
	"gorgonia.org/tensor"
)

// trial is the run that Verify makes on a device of some precision, and how far from
// the reference its results may lie.
type trial struct {
	// seed keys everything that is drawn. A near tie between two cells of a fake,
	// turned by rounding, would change a whole row and all that follows; with these
	// seeds the closest is decided by far more than what logits differ by.
	// Report.Margin says it each time.
	seed                     uint64
	generator, discriminator []int // hidden widths
	atoms                    int
	heads                    float32 // factor on the first weights of the heads
	rate, codesRate          float64 // learning rates of the generator
	norm                     float64 // max_grad_norm: some records lie below and some above
	tolerance                float64
	rounds                   bool // tensors are compared by net and kind
}

// kind is a run's discriminator: what tables it looks at, and whether a net learns.
type kind struct{ triples, net bool }

// kinds are in the order of a training, the net after the tables.
var kinds = []kind{{triples: true}, {triples: true, net: true}, {}, {net: true}}

// trialOf is the trial for devices whose products round to precision.
//
// The closest tie is decided by 1e-3 in 40 steps. In float32 logits differ by some 1e-6.
// Where products round, the layers are as wide as it takes for the CPU's tiles, and
// logits are small against the noise that is added to them, so that their errors are too:
// some 3e-4 in BF16.
func trialOf(precision device.Precision) trial {
	if precision == device.SinglePrecision {
		return trial{seed: 4500, norm: 0.72, generator: []int{16, 12}, discriminator: []int{16, 12, 8}, atoms: 32, heads: 1,
			rate: 1e-3, codesRate: 2e-3, tolerance: Tolerance}
	}
	return trial{seed: 3190, norm: 0.72, generator: []int{32, 32}, discriminator: []int{32, 24, 16}, atoms: 32, heads: 1. / 64,
		rate: 1e-4, codesRate: 1e-4, tolerance: roundedTolerance(precision), rounds: true}
}

// roundedTolerance is √u, if operands are rounded by up to u of their size (2⁻¹¹ in
// TF32, 2⁻⁸ in BF16). Rounding itself moves a gradient by a few u. More comes of the
// affine outputs so close to 0 that rounding turns their sign, and with it the slope of
// the activation: a share of about u of them, whose part of a root mean square is √u.
func roundedTolerance(precision device.Precision) float64 {
	if precision == device.TensorFloat32 {
		return math.Sqrt(0x1p-11)
	}
	return math.Sqrt(0x1p-8)
}

// engineConfig has every ingredient of a run: hidden layers, dropout, noise, records on both
// sides of the clipping norm, Poisson batches on both sides of the physical batch, and
// means that begin with what was bought, and with nothing.
func (t trial) engineConfig(k kind) nets.EngineConfig {
	const batch = 48
	cells := simulatedCells()
	layout := cellLayout(cells)
	b := nets.EngineConfig{Layout: layout, Cells: cells, Seed: t.seed, Pairs: pairTables(layout, simulatedTables(k.triples)),
		Atoms: nets.AtomsConfig{Count: t.atoms, Latent: 8, Hidden: t.generator},
		Step: dpsgd.StepConfig{BatchSize: batch, SampleRate: float64(batch) / simulatedRows,
			MaxGradNorm: t.norm, NoiseMultiplier: 0.5, PhysicalBatch: batch - 2}}
	b.Scale, b.Count = t.means(b.Pairs)
	net := &nets.NetConfig{Config: nets.DiscriminatorConfig{Hidden: t.discriminator, Dropout: 0.25}, White: t.whitening(layout),
		Temperature: 0.5, Pull: 0.5}
	if k.net {
		b.Net = net
	}
	b.Initial = t.state(newGeneratorShape(b.Atoms, layout), newDiscriminatorShape(net.Config, net.White), b.Pairs.Weights)
	return b
}

// means begin with what is worth 2.5 steps, and with nothing.
func (t trial) means(pairs *device.PairTables) (scale, count [][]float32) {
	for _, bought := range []float32{2.5, 0} {
		units, counts := make([]float32, pairs.Weights), make([]float32, pairs.Weights)
		for i := range pairs.Tables {
			unit := math.Ldexp(1/t.norm, device.SumBits) / float64(pairs.Tables[i].Gradient)
			for at := pairs.Tables[i].Offset; at < pairs.Weights; at++ { // the next tables' are set again
				units[at], counts[at] = float32(unit), bought
			}
		}
		scale, count = append(scale, units), append(count, counts)
	}
	return scale, count
}

// state draws weights and biases uniformly from ±1/√fan_in, codes as normals, and
// frequencies about even. The best generator is another one.
func (t trial) state(g *generatorShape, d *discriminatorShape, pairs int) nets.State {
	r, state := rand.New(rand.NewPCG(t.seed, 2)), nets.State{Tensors: nets.Tensors{}}
	for _, v := range []*inventory{&g.inventory, &g.codes, &d.inventory} {
		for _, prefix := range []string{"", bestPrefix} {
			if values := t.begin(v, r); prefix == "" || v != &d.inventory {
				v.store(state.Tensors, prefix, values)
			}
		}
		v.store(state.Tensors, "first/", make([]float32, v.size))
		v.store(state.Tensors, "second/", make([]float32, v.size))
	}
	for _, prefix := range meanPrefixes {
		if pairs == 0 {
			break
		}
		values := make([]float32, pairs)
		for i := range values {
			values[i] = r.Float32() / 8
		}
		state.Tensors[prefix+"discriminator.pairs"] = tensor.New(tensor.WithShape(pairs), tensor.WithBacking(values))
	}
	return state
}

func (t trial) begin(v *inventory, r *rand.Rand) []float32 {
	values, fanIn := make([]float32, v.size), 1
	for _, e := range v.entries {
		if len(e.shape) == 2 {
			fanIn = e.shape[0]
		}
		for i := range e.shape.TotalSize() {
			x := (2*r.Float32() - 1) / float32(math.Sqrt(float64(fanIn)))
			switch {
			case e.name == "generator.codes":
				x = float32(r.NormFloat64())
			case strings.HasSuffix(e.name, ".gamma"):
				x = 1
			case strings.HasSuffix(e.name, ".beta"):
				x = 0
			case strings.HasPrefix(e.name, "generator.heads."):
				x *= t.heads
			}
			values[e.offset+i] = x
		}
	}
	return values
}
