package nets

import (
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/gan/gantest"
	"github.com/dpgan/dpgan/gan/mixture"
)

// White rows have mean 0, length 4, and axes that do not correlate, and a variance
// that grows with that of the cells.
func TestWhiteRows(t *testing.T) {
	m := gantest.Mixture(t, 6, 3, 2, 4, 5)
	w, err := NewWhitening(m)
	if err != nil {
		t.Fatal(err)
	}
	// One axis less for each column, whose cells sum to one.
	if w.Inputs != m.Width() || w.Outputs > m.Width()-m.Columns() || w.Outputs < 5 {
		t.Fatalf("%d axes of %d cells", w.Outputs, w.Inputs)
	}
	const n = 20_000
	rows := m.Sample(n, 4)
	mean, second := make([]float64, w.Outputs), make([]float64, w.Outputs*w.Outputs)
	white := make([]float64, w.Outputs)
	for i := range n {
		for k, b := range w.Bias {
			white[k] = float64(b)
		}
		start := 0
		for j, cell := range rows.Cells[i*m.Columns() : (i+1)*m.Columns()] {
			for k := range white {
				white[k] += float64(w.Weight[(start+int(cell))*w.Outputs+k])
			}
			start += m.Cells(j)
		}
		for a, x := range white {
			mean[a] += x / n
			for b, y := range white {
				second[a*w.Outputs+b] += x * y / n
			}
		}
	}
	length := 0.0
	for a := range w.Outputs {
		variance := second[a*w.Outputs+a]
		length += variance
		// 6 standard errors; heavy tails make those of products larger, by 2 at most.
		if math.Abs(mean[a]) > 6*math.Sqrt(variance/n) {
			t.Errorf("axis %d has the mean %g", a, mean[a])
		}
		for b := range a {
			if r := second[a*w.Outputs+b] / math.Sqrt(variance*second[b*w.Outputs+b]); math.Abs(r) > 12/math.Sqrt(n) {
				t.Errorf("axes %d and %d correlate by %g", a, b, r)
			}
		}
	}
	if want := 1.0 * whitenLength * whitenLength; math.Abs(length/want-1) > 0.05 {
		t.Errorf("squared length %g, want %g", length, want)
	}
}

// A mixture of rows that are all alike still has an axis, and finite weights.
func TestWhiteningOfAlikeRows(t *testing.T) {
	m, err := mixture.New([]float32{1, 0, 0, 1, 0}, []int{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWhitening(m)
	if err != nil || w.Outputs != 1 {
		t.Fatalf("%+v, %v", w, err)
	}
	for _, x := range slices.Concat(w.Weight, w.Bias) {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			t.Errorf("weights %v, bias %v", w.Weight, w.Bias)
		}
	}
	saved := Tensors{}
	w.addTo(saved)
	if back, err := ReadWhitening(saved); err != nil || back.Inputs != 5 || back.Outputs != 1 {
		t.Errorf("%+v, %v", back, err)
	}
	if _, err := ReadWhitening(Tensors{}); err == nil {
		t.Error("no tensors make a whitening")
	}
}
