package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// step is a discriminator-like private step: three affine layers forward and
// backward, clipped sums, noise and Adam, and the plain sums.
type step struct {
	d                *Device
	x                device.Matrix
	values, deltas   []device.Matrix
	w, dw            []device.Matrix
	b, db            []device.Vector
	private, public  device.Vector // integers
	adam             device.Adam
	noise            device.Noise
	hidden, identity device.Activation
	layers           []device.LayerGradient
}

func newStep(tb testing.TB, d *Device, batch int, widths ...int) *step {
	tb.Helper()
	alloc := func(kind device.Kind, n int) device.Buffer {
		b, err := d.Alloc(kind, n)
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	draws := rand.New(rand.NewPCG(1, 2))
	random := func(rows, cols int, scale float32) device.Matrix {
		m := device.NewMatrix(alloc(device.Float32, rows*cols), 0, rows, cols)
		host := make([]float32, rows*cols)
		for i := range host {
			host[i] = scale * (2*draws.Float32() - 1)
		}
		d.Upload(m.Buffer, 0, host)
		return m
	}
	size := 0
	for l := range len(widths) - 1 {
		size += (widths[l] + 1) * widths[l+1]
	}
	parameters, gradient := random(1, size, 0.1).Buffer, alloc(device.Float32, size)
	counter := alloc(device.Uint64, 2)
	d.Upload(counter, 0, []uint64{1, 1})
	s := &step{d: d, x: random(batch, widths[0], 1)}
	at := 0
	input := s.x
	for l := range len(widths) - 1 {
		k, n := widths[l], widths[l+1]
		s.w = append(s.w, device.NewMatrix(parameters, at, k, n))
		s.dw = append(s.dw, device.NewMatrix(gradient, at, k, n))
		s.b = append(s.b, device.NewVector(parameters, at+k*n, n))
		s.db = append(s.db, device.NewVector(gradient, at+k*n, n))
		at += (k + 1) * n
		s.values = append(s.values, random(batch, n, 1))
		s.deltas = append(s.deltas, random(batch, n, 1))
		s.layers = append(s.layers, device.LayerGradient{Input: input, Delta: s.deltas[l], Weights: at - (k+1)*n, Bias: at - n})
		input = s.values[l]
	}
	vector := func() device.Vector { return device.NewVector(alloc(device.Float32, size), 0, size) }
	sums := alloc(device.Uint64, 2*size)
	s.private, s.public = device.NewVector(sums, 0, size), device.NewVector(sums, size, size)
	rate := alloc(device.Float32, 1)
	d.Upload(rate, 0, []float32{1e-4})
	s.adam = device.Adam{Parameters: device.NewVector(parameters, 0, size), First: vector(), Second: vector(),
		LearningRate: rate, Step: counter, Beta1: 0.5, Beta2: 0.9, Epsilon: 1e-8}
	s.noise = device.Noise{Key: alloc(device.Uint32, 8), Step: counter, Multiplier: 1}
	s.hidden = device.Activation{Kind: device.LeakyReLU, Dropout: 0.5, RNG: device.RNG{Seed: counter, Step: counter}}
	return s
}

func (s *step) forward() {
	input, last := s.x, len(s.w)-1
	for l := range s.w {
		act := s.hidden
		if l == last {
			act = s.identity
		}
		s.d.LinearForward(s.values[l], input, s.w[l], s.b[l], act)
		input = s.values[l]
	}
}

func (s *step) backward() {
	last := len(s.w) - 1
	s.d.LogisticDelta(s.deltas[last], s.values[last], 1, 1, device.Vector{})
	for l := last; l > 0; l-- {
		s.d.LinearBackwardData(s.deltas[l-1], s.deltas[l], s.w[l], s.values[l-1], s.hidden, false)
	}
}

func (s *step) clip() { s.d.ClippedSum(s.private, s.layers, 1, nil) }

func (s *step) weights() {
	for l, layer := range s.layers {
		s.d.LinearBackwardWeights(s.dw[l], s.db[l], layer.Input, layer.Delta)
	}
}

func (s *step) update() { s.d.PrivateAdam(s.adam, s.private, s.public, s.noise, 1, 1024, 1024) }

// BenchmarkStep is one discriminator step at batch 1024, 250-64-64-1, and its parts.
func BenchmarkStep(b *testing.B) {
	for _, threads := range []int{1, 2} {
		d := New(threads)
		s := newStep(b, d, 1024, 250, 64, 64, 1)
		whole := func() { s.forward(); s.backward(); s.clip(); s.update() }
		for _, part := range []struct {
			name string
			run  func()
		}{{"whole", whole}, {"forward", s.forward}, {"backward", s.backward}, {"clip", s.clip}, {"weights", s.weights}, {"update", s.update}} {
			b.Run(fmt.Sprintf("%s/threads=%d", part.name, threads), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					part.run()
				}
			})
		}
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
		d.Close()
	}
}
