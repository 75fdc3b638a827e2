package dpsgd

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
)

// affine is the smallest model: one affine layer whose delta for record i is
// what the test says; its gradient sum is read through an optimiser that steps
// by the gradient itself (Adam with a huge epsilon).
type affine struct {
	dev      *cpu.Device
	gate     *Gate
	model    Model
	inputs   int
	rows     int
	physical int
}

const hugeEpsilon = 1e9

func newAffine(t *testing.T, codes []uint32, inputs, physical int, delta func(dev device.Device, out, rows device.Matrix)) *affine {
	t.Helper()
	budget, err := OpenBudget(DefaultConfig(), Start{Run: "test", Ledger: filepath.Join(t.TempDir(), "ledger.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = budget.Close() })
	gate := NewGate([]uint32{uint32(inputs)}, budget, InsecureEntropy(3))
	if err := gate.Append([][]uint32{codes}); err != nil {
		t.Fatal(err)
	}
	dev := cpu.New(1)
	t.Cleanup(func() { _ = dev.Close() })
	edges := make([]uint32, inputs+1)
	for k := range edges {
		edges[k] = uint32(k)
	}
	layout := &device.Layout{Spans: []device.Span{{Edges: edges}}, Width: inputs}
	alloc := func(kind device.Kind, n int) device.Buffer {
		b, err := dev.Alloc(kind, n)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	vec := func(n int) device.Vector { return device.NewVector(alloc(device.Float32, n), 0, n) }
	mat := func(r, c int) device.Matrix { return device.NewMatrix(alloc(device.Float32, r*c), 0, r, c) }
	parameters := inputs + 1
	rows, out, fakeOut, fakes := mat(physical, inputs), mat(physical, 1), mat(2, 1), mat(2, inputs)
	lr := alloc(device.Float32, 1)
	dev.Upload(lr, 0, []float32{hugeEpsilon})
	update := alloc(device.Uint64, 1)
	return &affine{dev: dev, gate: gate, inputs: inputs, rows: len(codes), physical: physical, model: Model{Update: update, Net: &Net{
		Rows: rows, Layout: layout, Real: func() { delta(dev, out, rows) }, Fake: func() {}, Draw: alloc(device.Uint64, 1),
		RealLayers: []device.LayerGradient{{Input: rows, Delta: out, Weights: 0, Bias: inputs}},
		FakeLayers: []device.LayerGradient{{Input: fakes, Delta: fakeOut, Weights: 0, Bias: inputs}},
		Adam: device.Adam{Parameters: vec(parameters), First: vec(parameters), Second: vec(parameters),
			LearningRate: lr, Step: update, Epsilon: hugeEpsilon},
	}}}
}

// run does one step from parameters 0 and returns the noised sum.
func (a *affine) run(t *testing.T, step *Step) []float64 {
	t.Helper()
	zero := make([]float32, a.inputs+1)
	a.dev.Upload(a.model.Net.Adam.Parameters.Buffer, 0, zero)
	step.Run(0)
	got := make([]float32, a.inputs+1)
	if err := a.dev.Download(got, a.model.Net.Adam.Parameters.Buffer, 0); err != nil {
		t.Fatal(err)
	}
	sum := make([]float64, len(got))
	for i, x := range got {
		sum[i] = -float64(x) * step.config.BatchSize
	}
	return sum
}

func (a *affine) step(t *testing.T, rate, norm, noise float64) *Step {
	t.Helper()
	s, err := NewStep(a.dev, a.gate, StepConfig{BatchSize: float64(a.rows), SampleRate: rate,
		MaxGradNorm: norm, NoiseMultiplier: noise, PhysicalBatch: a.physical}, a.model)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Release)
	return s
}

func fillWith(value float32) func(device.Device, device.Matrix, device.Matrix) {
	return func(dev device.Device, out, _ device.Matrix) {
		dev.Fill(device.NewVector(out.Buffer, out.Offset, out.Rows), value)
	}
}

// A record adds at most max_grad_norm to the sum, whatever its gradient, and a
// record with a gradient that is not finite adds nothing.
func TestOneRecordMovesTheSumByAtMostMaxGradNorm(t *testing.T) {
	for _, delta := range []float32{0, 1e-30, 0.1, 1, 1e10, 1e30, float32(math.Inf(1)), float32(math.NaN())} {
		const norm = 0.7
		with := newAffine(t, []uint32{0, 1, 2, 3}, 4, 8, fillWith(delta))
		without := newAffine(t, []uint32{0, 1, 2}, 4, 8, fillWith(delta))
		// Rate 1 takes all rows; a noise of 1e-9 of the norm is next to none.
		a, b := with.run(t, with.step(t, 1, norm, 1e-9)), without.run(t, without.step(t, 1, norm, 1e-9))
		distance := 0.0
		for i := range a {
			distance += (a[i] - b[i]) * (a[i] - b[i])
		}
		distance = math.Sqrt(distance)
		if !(distance <= norm*(1+1e-6)) {
			t.Errorf("delta %g: one row moved the sum by %g, more than max_grad_norm=%g", delta, distance, norm)
		}
		if finite := delta > 1 && delta < 1e20; finite && distance < 0.999*norm {
			t.Errorf("delta %g: a large gradient must be clipped to %g, not to %g", delta, norm, distance)
		}
		// A weight and the bias have the delta.
		if own := float64(delta) * math.Sqrt2; own < norm && !(math.Abs(distance-own) <= 1e-4*norm) {
			t.Errorf("delta %g: a short gradient of %g must stay as it is, and moved the sum by %g", delta, own, distance)
		}
	}
}

// A batch that outgrows the physical batch runs in chunks, with one noise draw.
func TestChunksEqualTheWhole(t *testing.T) {
	codes := make([]uint32, 100)
	for i := range codes {
		codes[i] = uint32(i % 5)
	}
	var first []float64
	for _, physical := range []int{100, 99, 30, 7, 1} {
		a := newAffine(t, codes, 5, physical, fillWith(0.5))
		got := a.run(t, a.step(t, 1, 0.1, 2))
		if first == nil {
			first = got
			continue
		}
		for i := range got {
			if math.Abs(got[i]-first[i]) > 1e-4*math.Abs(first[i])+1e-5 {
				t.Errorf("physical batch %d: element %d is %g, not %g", physical, i, got[i], first[i])
			}
		}
	}
}

// An empty batch still adds noise, and the noise has the stated deviation.
func TestNoiseOfEmptyBatches(t *testing.T) {
	const norm, noise, steps = 0.5, 3.0, 4000
	a := newAffine(t, []uint32{0}, 4, 4, fillWith(1))
	s := a.step(t, 1e-12, norm, noise)
	var squares, n float64
	for range steps {
		for _, x := range a.run(t, s) {
			squares += x * x
			n++
		}
	}
	want := noise * norm
	// χ² with n degrees of freedom: 5 standard errors.
	if got := squares / n / (want * want); math.Abs(got-1) > 5*math.Sqrt(2/n) {
		t.Errorf("noise variance is %g of (noise_multiplier·max_grad_norm)²", got)
	}
}
