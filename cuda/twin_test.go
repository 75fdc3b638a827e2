//go:build gpu

package cuda_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
)

// Products large enough for the large tiles, which the conformance suite's are not,
// equal those of the CPU.
func TestDeviceLargeTiles(t *testing.T) {
	for _, s := range []struct{ rows, inputs, outputs int }{
		{1031, 21, 515}, // forward
		{1031, 515, 18}, // backward to data
		{270, 750, 705}, // weights, in parts
		{40, 750, 705},  // weights, at once
	} {
		gpu := open(t)
		host := cpu.New(2)
		want, got := products(t, host, s.rows, s.inputs, s.outputs), products(t, gpu, s.rows, s.inputs, s.outputs)
		for k := range want {
			for i := range want[k] {
				// Terms are below 1 in size, and their rounding adds up like a random walk.
				if bound := 1e-5 * math.Sqrt(float64(max(s.rows, s.inputs, s.outputs))); math.Abs(float64(got[k][i]-want[k][i])) > bound {
					t.Errorf("%v: result %d, element %d is %v, on the CPU %v", s, k, i, got[k][i], want[k][i])
					break
				}
			}
		}
		if err := gpu.Close(); err != nil {
			t.Error(err)
		}
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	}
}

// products are y, dx, dw and db of an affine layer with dropout.
func products(t *testing.T, d device.Device, rows, inputs, outputs int) [][]float32 {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	put := func(rows, cols int, fill bool) device.Matrix {
		b, err := d.Alloc(device.Float32, rows*cols)
		if err != nil {
			t.Fatal(err)
		}
		host := make([]float32, rows*cols)
		for i := range host {
			if fill {
				host[i] = 2*random.Float32() - 1
			}
		}
		d.Upload(b, 0, host)
		return device.NewMatrix(b, 0, rows, cols)
	}
	counter, err := d.Alloc(device.Uint64, 1)
	if err != nil {
		t.Fatal(err)
	}
	act := device.Activation{Kind: device.LeakyReLU, Dropout: 0.25, RNG: device.RNG{Seed: counter, Step: counter, Stream: 5}}
	x, w, dy, bias := put(rows, inputs, true), put(inputs, outputs, true), put(rows, outputs, true), put(1, outputs, true)
	y, dx, dw, db := put(rows, outputs, false), put(rows, inputs, false), put(inputs, outputs, false), put(1, outputs, false)
	vector := func(m device.Matrix) device.Vector { return device.NewVector(m.Buffer, 0, m.Cols) }
	d.LinearForward(y, x, w, vector(bias), act)
	d.LinearBackwardData(dx, dy, w, x, act, false)
	d.LinearBackwardWeights(dw, vector(db), x, dy)
	var results [][]float32
	for _, m := range []device.Matrix{y, dx, dw, db} {
		host := make([]float32, m.Rows*m.Cols)
		if err := d.Download(host, m.Buffer, 0); err != nil {
			t.Fatal(err)
		}
		results = append(results, host)
	}
	return results
}
