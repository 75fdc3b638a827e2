//go:build gpu

package cuda_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/cuda"
	"github.com/dpgan/dpgan/device"
)

// privateStep is a discriminator's private step on a batch: affine layers forward
// and backward, clipped sums, noise and Adam.
type privateStep struct {
	d               device.Device
	values, deltas  []device.Matrix // values[0] is the batch
	w               []device.Matrix
	b               []device.Vector
	layers          []device.LayerGradient
	private, public device.Vector
	adam            device.Adam
	noise           device.Noise
	hidden          device.Activation
}

func newPrivateStep(tb testing.TB, d device.Device, batch int, widths ...int) *privateStep {
	tb.Helper()
	alloc := func(kind device.Kind, n int) device.Buffer {
		b, err := d.Alloc(kind, n)
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	counter := alloc(device.Uint64, 1)
	d.Upload(counter, 0, []uint64{1})
	random := rand.New(rand.NewPCG(1, 2))
	matrix := func(rows, cols int) device.Matrix {
		m := device.NewMatrix(alloc(device.Float32, rows*cols), 0, rows, cols)
		host := make([]float32, rows*cols)
		for i := range host {
			host[i] = float32(random.NormFloat64())
		}
		d.Upload(m.Buffer, 0, host)
		return m
	}
	size := 0
	for l := range len(widths) - 1 {
		size += (widths[l] + 1) * widths[l+1]
	}
	vector := func(kind device.Kind) device.Vector { return device.NewVector(alloc(kind, size), 0, size) }
	s := &privateStep{d: d, values: []device.Matrix{matrix(batch, widths[0])},
		private: vector(device.Uint64), public: vector(device.Uint64),
		hidden: device.Activation{Kind: device.LeakyReLU, Dropout: 0.5, RNG: device.RNG{Seed: counter, Step: counter}}}
	parameters := matrix(1, size).Buffer
	at := 0
	for l := range len(widths) - 1 {
		k, n := widths[l], widths[l+1]
		s.w, s.b = append(s.w, device.NewMatrix(parameters, at, k, n)), append(s.b, device.NewVector(parameters, at+k*n, n))
		s.values, s.deltas = append(s.values, matrix(batch, n)), append(s.deltas, matrix(batch, n))
		s.layers = append(s.layers, device.LayerGradient{Input: s.values[l], Delta: s.deltas[l], Weights: at, Bias: at + k*n})
		at += (k + 1) * n
	}
	rate := alloc(device.Float32, 1)
	d.Upload(rate, 0, []float32{1e-4})
	s.adam = device.Adam{Parameters: device.NewVector(parameters, 0, size), First: vector(device.Float32), Second: vector(device.Float32),
		LearningRate: rate, Step: counter, Beta1: 0.5, Beta2: 0.9, Epsilon: 1e-8}
	s.noise = device.Noise{Key: alloc(device.Uint32, 8), Step: counter, Multiplier: 1}
	return s
}

func (s *privateStep) activation(l int) device.Activation {
	if l == len(s.w)-1 {
		return device.Activation{}
	}
	return s.hidden
}

func (s *privateStep) run() {
	last := len(s.w) - 1
	for l := range s.w {
		s.d.LinearForward(s.values[l+1], s.values[l], s.w[l], s.b[l], s.activation(l))
	}
	s.d.LogisticDelta(s.deltas[last], s.values[last+1], 1, 1, device.Vector{})
	for l := last; l > 0; l-- {
		s.d.LinearBackwardData(s.deltas[l-1], s.deltas[l], s.w[l], s.values[l], s.activation(l-1), false)
	}
	s.d.ClippedSum(s.private, s.layers, 1, nil)
	s.d.Increment(s.adam.Step)
	s.d.PrivateAdam(s.adam, s.private, s.public, s.noise, 1, 1024, 1024)
}

// flops counts the products: one forward, one for the weights, and one backward
// through every layer but the first.
func (s *privateStep) flops() float64 {
	n := 0.0
	for l, w := range s.w {
		products := 3.0
		if l == 0 {
			products = 2
		}
		n += products * 2 * float64(s.values[0].Rows) * float64(w.Rows) * float64(w.Cols)
	}
	return n
}

// BenchmarkStep is the step replayed as a graph, and launched operation by operation,
// with products in float32 and in TF32.
func BenchmarkStep(b *testing.B) {
	for _, precision := range []device.Precision{device.SinglePrecision, device.TensorFloat32} {
		b.Run(precision.String(), func(b *testing.B) {
			if precision == device.TensorFloat32 {
				benchmarkStep(b, openTensor)
			} else {
				benchmarkStep(b, open)
			}
		})
	}
}

func benchmarkStep(b *testing.B, open func(testing.TB) device.Device) {
	for _, size := range []struct{ batch, width int }{{500, 180}, {500, 400}, {4096, 400}, {65536, 400}, {4096, 3000}} {
		d := open(b)
		s := newPrivateStep(b, d, size.batch, size.width, 256, 256, 1)
		program := d.Record("step", s.run)
		for _, way := range []struct {
			name string
			run  func()
		}{{"graph", program.Run}, {"launches", s.run}} {
			b.Run(fmt.Sprintf("%dx%d/%s", size.batch, size.width, way.name), func(b *testing.B) {
				// Not b.Loop, which stops the clock before the GPU is done.
				for range b.N {
					way.run()
				}
				if err := d.Sync(); err != nil {
					b.Fatal(err)
				}
				seconds := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(float64(size.batch)/seconds, "rows/s")
				b.ReportMetric(s.flops()/seconds/1e9, "GFLOP/s")
			})
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNoise is the noise and update alone, for 1e6 parameters.
func BenchmarkNoise(b *testing.B) {
	d := open(b)
	defer d.Close()
	s := newPrivateStep(b, d, 1, 999_999, 1)
	program := d.Record("noise", func() { s.d.PrivateAdam(s.adam, s.private, s.public, s.noise, 1, 1024, 1024) })
	b.ResetTimer()
	for range b.N {
		program.Run()
	}
	if err := d.Sync(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "normals/s")
}

// BenchmarkProducts are large affine layers, with cuBLAS where it is chosen; it logs
// what both sides take.
func BenchmarkProducts(b *testing.B) {
	for _, s := range []struct{ rows, width int }{{4096, 256}, {4096, 1024}, {65536, 512}} {
		b.Run(fmt.Sprintf("%dx%d", s.rows, s.width), func(b *testing.B) {
			d := open(b)
			defer d.Close()
			floats, err := d.Alloc(device.Float32, (2*s.rows+s.width+1)*s.width)
			if err != nil {
				b.Fatal(err)
			}
			matrix := func(row, rows int) device.Matrix { return device.NewMatrix(floats, row*s.width, rows, s.width) }
			x, y, w := matrix(0, s.rows), matrix(s.rows, s.rows), matrix(2*s.rows, s.width)
			bias := device.NewVector(floats, (2*s.rows+s.width)*s.width, s.width)
			step := d.Record("products", func() {
				d.LinearForward(y, x, w, bias, device.Activation{Kind: device.ReLU})
				d.LinearBackwardData(x, y, w, device.Matrix{}, device.Activation{}, false)
			})
			for b.Loop() {
				step.Run()
				if err := d.Sync(); err != nil {
					b.Fatal(err)
				}
			}
			chosen := d.(*cuda.Device)
			b.Logf("cuBLAS: %v; %+v", chosen.Library(), chosen.Choices())
		})
	}
}
