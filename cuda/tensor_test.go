//go:build gpu

package cuda_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/cuda"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/device/devicetest"
)

// openTensor takes the first GPU with TF32 products; a GPU without them skips the test.
func openTensor(t testing.TB) device.Device {
	t.Helper()
	gpus, err := cuda.GPUs()
	if err != nil {
		t.Fatal(err)
	}
	if gpus[0].Capability.Major < 8 {
		t.Skipf("%v has compute capability %v: no TF32 before 8.0", gpus[0], gpus[0].Capability)
	}
	d, err := cuda.Open(0, device.TensorFloat32)
	if err != nil {
		t.Fatal(err)
	}
	if d.Precision() != device.TensorFloat32 {
		t.Errorf("Precision is %v", d.Precision())
	}
	return autotuned(d)
}

func TestDeviceTensor(t *testing.T) {
	devicetest.RunAll(t, func(t *testing.T) device.Device { return openTensor(t) })
}

// tf32 is x as tensor cores are given it: 11 significant bits, ties away from zero,
// and towards zero where that would make it infinite or where it is subnormal.
func tf32(x float32) float64 {
	size := math.Float32bits(x) & 0x7fffffff
	switch {
	case size > 0x7f800000: // NaN
		return math.NaN()
	case size < 0x00800000:
		return 0
	case size >= 0x7f7ff000 && size < 0x7f800000:
		return math.Copysign(float64(math.Float32frombits(0x7f7fe000)), float64(x))
	}
	return float64(math.Float32frombits((math.Float32bits(x) + 0x1000) &^ 0x1fff))
}

// Products in TF32 are those of the rounded operands, in all tiles and in parts.
func TestDeviceTensorProducts(t *testing.T) {
	for _, s := range []struct{ rows, inputs, outputs int }{
		{1, 1, 1}, {33, 17, 65}, {129, 70, 35}, // tiles of 32, weights in parts
		{1031, 9, 515}, {1031, 515, 9}, {9, 705, 641}, // and of 64: forward, backward to data, weights
		{1153, 9, 1537}, {1153, 1537, 3}, {5, 1537, 1153}, // and of 128
	} {
		t.Run(fmt.Sprintf("%dx%dx%d", s.rows, s.inputs, s.outputs), func(t *testing.T) {
			d := openTensor(t)
			got := products(t, d, s.rows, s.inputs, s.outputs)
			if err := d.Close(); err != nil {
				t.Error(err)
			}
			want, sizes, depth := tensorProducts(s.rows, s.inputs, s.outputs)
			for k, name := range []string{"y", "dx", "dw", "db"} {
				for i := range want[k] {
					// Tensor cores cut off what lies below the last bit of a sum of
					// eight products: one unit of 2⁻²³ each, and a few for the rest.
					bound := sizes[k][i] * float64(16+depth[k]/4) * 0x1p-24
					if math.Abs(float64(got[k][i])-want[k][i]) > bound {
						t.Errorf("%s: element %d is %v, want %v within %.1e", name, i, got[k][i], want[k][i], bound)
						break
					}
				}
			}
		})
	}
}

// tensorProducts is what products computes, in float64 from rounded operands, with
// the sums of the absolute terms and the number of terms.
func tensorProducts(rows, inputs, outputs int) (want, sizes [][]float64, depth []int) {
	random := rand.New(rand.NewPCG(3, 4))
	draw := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = 2*random.Float32() - 1
		}
		return v
	}
	x, w, dy, bias := draw(rows*inputs), draw(inputs*outputs), draw(rows*outputs), draw(outputs)
	rx, rw, rdy := rounded(x), rounded(w), rounded(dy)
	stream := device.Draw{Stream: 5}
	for _, n := range []int{rows * outputs, rows * inputs, inputs * outputs, outputs} {
		want, sizes = append(want, make([]float64, n)), append(sizes, make([]float64, n))
	}
	for i := range rows {
		for k := range inputs {
			for j := range outputs {
				for result, term := range [...]struct {
					at    int
					value float64
				}{
					{i*outputs + j, rx[i*inputs+k] * rw[k*outputs+j]},
					{i*inputs + k, rdy[i*outputs+j] * rw[k*outputs+j]},
					{k*outputs + j, rx[i*inputs+k] * rdy[i*outputs+j]},
				} {
					want[result][term.at] += term.value
					sizes[result][term.at] += math.Abs(term.value)
				}
			}
		}
		for j := range outputs {
			want[0][i*outputs+j] += float64(bias[j])
			sizes[0][i*outputs+j] += math.Abs(float64(bias[j]))
			want[3][j] += float64(dy[i*outputs+j])
			sizes[3][j] += math.Abs(float64(dy[i*outputs+j]))
		}
	}
	// LeakyReLU and a dropout of a quarter, forward and backward.
	for i := range want[0] {
		factor := 1 / 0.75
		if want[0][i] < 0 {
			factor *= device.LeakySlope
		}
		if stream.Uniform(i) < 0.25 {
			factor = 0
		}
		want[0][i] *= factor
		sizes[0][i] *= 1 / 0.75 // a sign may be lost in rounding
	}
	for i := range want[1] {
		factor := 1 / 0.75
		if x[i] < 0 {
			factor *= device.LeakySlope
		}
		want[1][i] *= factor
		sizes[1][i] *= factor
	}
	return want, sizes, []int{inputs, outputs, rows, rows}
}

func rounded(v []float32) []float64 {
	r := make([]float64, len(v))
	for i := range v {
		r[i] = tf32(v[i])
	}
	return r
}
