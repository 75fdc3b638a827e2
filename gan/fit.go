package gan

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
)

// fitPlan is how the atoms are fitted to the tables.
type fitPlan struct {
	Atoms        AtomsConfig
	Steps        int
	LearningRate float64 // of the net
	CodesRate    float64 // of the codes
	Cosine       bool    // whether rates fall to a hundredth
}

// planFit chooses the net by how far the tables' counts stand above their noise.
// Where they do, few steps of a large rate without hidden layers fit them best;
// where not, hidden layers keep the fit from following the noise.
func planFit(m *moments) fitPlan {
	if m.signal() >= strongSignal {
		return fitPlan{Atoms: AtomsConfig{Count: atomsFor(m, 2048), Latent: 64}, Steps: 1000, LearningRate: 0.02, CodesRate: 0.05, Cosine: true}
	}
	width := min(256, max(32, 2*m.layout.Width))
	return fitPlan{Atoms: AtomsConfig{Count: atomsFor(m, 1024), Latent: min(128, width), Hidden: []int{width, width}},
		Steps: 1500, LearningRate: 3e-3, CodesRate: 0.03}
}

// atomsFor is most, or fewer for a narrow table, which has less to tell apart, and
// for one whose products would take long: they grow with atoms·cells²·slices.
func atomsFor(m *moments, most int) int {
	const work, least = 1 << 28, 512
	d := m.layout.Width
	affordable := max(least, work/(d*d*len(m.slice)))
	return min(most, affordable, max(64, 10*d))
}

// strongSignal is a mean count, in standard deviations of its noise.
const strongSignal = 2

// The split of the tables' noise, and how often and how long the fit is judged.
const (
	fissionShare = 0.3
	judgedSteps  = 20
	patience     = 6
)

// fitted is a mixture fitted to tables.
type fitted struct {
	tensors Tensors
	steps   int // of the best fit
	ran     int
}

// fit trains the atoms on the noisy tables m until their held-out half no longer
// gains, and keeps the best. All of it is post-processing.
func fit(ctx context.Context, dev device.Device, m *moments, plan fitPlan, headBias []float32, seed uint64, observe func(step, steps int)) (*fitted, error) {
	a := &arena{dev: dev}
	shape := newAtomsShape(plan.Atoms, m.layout)
	t := newAtoms(a, shape)
	d := m.layout.Width
	scratch := &device.Moments{Moment: a.matrix(d, d), Product: a.matrix(plan.Atoms.Count, d), Share: a.vector(plan.Atoms.Count), Sum: a.vector(d)}
	train, judge := m.fission(fissionShare, rand.New(rand.NewPCG(seed, 0xf15510)))
	train.shrink()
	target, check := train.upload(a, scratch), judge.upload(a, scratch)
	loss := a.vector(1)
	if a.err != nil {
		return nil, a.err
	}
	parameters, codes := initialAtoms(shape, headBias, seed)
	dev.Upload(t.net.adam.Parameters.Buffer, 0, parameters)
	dev.Upload(t.codes.adam.Parameters.Buffer, 0, codes)
	step := dev.Record("fit step", func() { t.step(target, loss) })
	judged := dev.Record("judge the fit", func() { t.forward(); dev.MomentDelta(device.Matrix{}, t.p, check, loss) })

	out := &fitted{}
	best := math.Inf(1)
	for out.ran = 0; out.ran < plan.Steps; out.ran++ {
		if out.ran%judgedSteps == 0 {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			judged.Run()
			var value [1]float32
			if err := dev.Download(value[:], loss.Buffer, loss.Offset); err != nil {
				return nil, fmt.Errorf("gan: fit the tables: %w", err)
			}
			if v := float64(value[0]); v < best {
				best, out.steps = v, out.ran
				t.keep()
			} else if out.ran-out.steps >= patience*judgedSteps {
				break
			}
			observe(out.ran, plan.Steps)
		}
		scale := 1.0
		if plan.Cosine {
			scale = 0.5*(1+math.Cos(math.Pi*float64(out.ran)/float64(plan.Steps))) + 0.01
		}
		dev.Upload(t.net.adam.LearningRate, 0, []float32{float32(plan.LearningRate * scale)})
		dev.Upload(t.codes.adam.LearningRate, 0, []float32{float32(plan.CodesRate * scale)})
		step.Run()
	}
	return out, t.read(shape, out)
}

// halves are the net's and the codes' part of best.
func (t *atoms) halves() (net, codes device.Vector) {
	n := t.net.store.size
	return device.NewVector(t.best.Buffer, 0, n), device.NewVector(t.best.Buffer, n, t.codes.store.size)
}

func row(v device.Vector) device.Matrix { return device.NewMatrix(v.Buffer, v.Offset, 1, v.Len) }

// keep remembers the parameters as the best.
func (t *atoms) keep() {
	net, codes := t.halves()
	t.dev.Copy(row(net), row(t.net.adam.Parameters))
	t.dev.Copy(row(codes), row(t.codes.adam.Parameters))
}

// read reads out the best.
func (t *atoms) read(shape *atomsShape, out *fitted) error {
	net, _ := t.halves()
	all := make([]float32, t.best.Len)
	out.tensors = Tensors{}
	if err := t.dev.Download(all, t.best.Buffer, 0); err != nil {
		return fmt.Errorf("gan: fit the tables: %w", err)
	}
	shape.parameters.slice(out.tensors, "", all[:net.Len])
	shape.codes.slice(out.tensors, "", all[net.Len:])
	return nil
}
