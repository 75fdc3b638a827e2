package reference

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// layouts are rows of several columns and of one, and columns of one cell.
var layouts = map[string]*device.Layout{
	"usual": layoutOf(3, 2, 4), "with one certain": layoutOf(3, 1, 2), "one column": layoutOf(3), "two of one cell": layoutOf(1, 1, 2),
}

func fill(r *rand.Rand, values ...[]float64) {
	for _, v := range values {
		for i := range v {
			v[i] = r.NormFloat64()
		}
	}
}

// blank makes a vector of random values.
func blank(r *rand.Rand, size int) *vector {
	v := newVector(size)
	fill(r, v.wide)
	return &v
}

// compare checks gradient against central differences of cost in each of values.
// The error of the differences is O(h²) and rounding/h, about 1e-9 of the cost.
func compare(t *testing.T, name string, values, gradient []float64, cost func() float64) {
	t.Helper()
	const h, tolerance = 1e-5, 1e-7
	largest := 0.0
	for i := range values {
		before := values[i]
		values[i] = before + h
		above := cost()
		values[i] = before - h
		below := cost()
		values[i] = before
		difference := (above - below) / (2 * h)
		largest = math.Max(largest, math.Abs(difference))
		if math.Abs(difference-gradient[i]) > tolerance*math.Max(1, math.Abs(difference)) {
			t.Errorf("%s %d: gradient %g, by differences %g", name, i, gradient[i], difference)
		}
	}
	if largest == 0 && len(values) > 1 {
		t.Errorf("%s: all differences are 0: nothing was checked", name)
	}
}

// costOf runs m once and returns its cost as a function of its leaves.
func costOf(t *testing.T, m *machine, cost output) func() float64 {
	t.Helper()
	t.Cleanup(func() { m.close() })
	run := func() float64 {
		if err := m.run(); err != nil {
			t.Fatal(err)
		}
		return cost.scalar()
	}
	run()
	return run
}

func TestDiscriminatorGradient(t *testing.T) {
	for name, layout := range layouts {
		for _, hidden := range [][]int{{1}, {3, 2}} {
			for _, dropout := range []float64{0, 0.5} {
				t.Run(fmt.Sprint(name, hidden, dropout), func(t *testing.T) {
					r := rand.New(rand.NewPCG(1, 2))
					shape := newDiscriminatorShape(nets.DiscriminatorConfig{Hidden: hidden, Dropout: dropout}, single.whitening(layout))
					v := blank(r, shape.size)
					record, err := newRecordLoss(shape, v)
					if err != nil {
						t.Fatal(err)
					}
					prepare(r, record)
					cost := costOf(t, record.machine, record.cost)
					record.byParameter.write()
					compare(t, "parameter", v.wide, slices.Clone(v.gradient), cost)

					batch, err := newBatchLoss(shape, v, 3)
					if err != nil {
						t.Fatal(err)
					}
					prepare(r, batch)
					cost = costOf(t, batch.machine, batch.cost)
					compare(t, "row", batch.row, slices.Clone(batch.byRow.values()), cost)
				})
			}
		}
	}
}

// prepare fills the leaves.
func prepare(r *rand.Rand, d *discriminator) {
	fill(r, d.row)
	for i := range d.sign {
		d.sign[i] = float64(1 - 2*(i%2))
	}
	for _, mask := range d.masks {
		for i := range mask {
			mask[i] = 2 * math.Min(1, float64((i+1)%3))
		}
	}
}

func TestGeneratorGradient(t *testing.T) {
	for name, layout := range layouts {
		for _, hidden := range [][]int{nil, {1}, {3, 2}} {
			for _, atoms := range []int{3, 4} {
				t.Run(fmt.Sprint(name, hidden, atoms), func(t *testing.T) {
					r := rand.New(rand.NewPCG(3, 4))
					shape := newGeneratorShape(nets.AtomsConfig{Count: atoms, Latent: 3, Hidden: hidden}, layout)
					v, codes := blank(r, shape.size), blank(r, shape.codes.size)
					g, err := newGeneratorBackward(shape, v, codes)
					if err != nil {
						t.Fatal(err)
					}
					fill(r, g.pull)
					cost := costOf(t, g.machine, g.cost)
					g.back.write()
					compare(t, "parameter", v.wide, slices.Clone(v.gradient), cost)
					compare(t, "code", codes.wide, slices.Clone(codes.gradient), cost)
				})
			}
		}
	}
}

func TestMomentsGradient(t *testing.T) {
	for name, layout := range layouts {
		for _, slice := range [][]int{nil, {-1}, {0, 1, 2}, {2, -1}} {
			t.Run(fmt.Sprint(name, slice), func(t *testing.T) {
				r := rand.New(rand.NewPCG(5, 6))
				m, err := newMoments(layout, 4, slice)
				if err != nil {
					t.Fatal(err)
				}
				fill(r, m.logits, m.one, m.oneWeight)
				fill(r, m.two...)
				fill(r, m.twoWeight...)
				highest(m.shift, m.logits, layout)
				cost := costOf(t, m.machine, m.loss)
				compare(t, "logit", m.logits, slices.Clone(m.byLogits.values()), cost)
			})
		}
	}
}

func TestStraightThroughGradient(t *testing.T) {
	for name, layout := range layouts {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 8))
			s, err := newStraight(layout, 4, 0.7)
			if err != nil {
				t.Fatal(err)
			}
			fill(r, s.logits, s.noise, s.pull)
			cost := costOf(t, s.machine, s.cost)
			compare(t, "logit", s.logits, slices.Clone(s.byLogits.values()), cost)
		})
	}
}

// The loss must hold its precision where the discriminator is sure.
func TestLogisticTails(t *testing.T) {
	e := newExpression()
	logits := []float64{-800, -40, -17, -1e-3, 1e-3, 17, 40, 800}
	x, leaf := e.leaf("logits", len(logits), 1)
	copy(leaf, logits)
	loss := logistic(e, x)
	losses, slopes := e.read(loss), e.gradient(e.total(loss), x)
	m, err := e.compile()
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	if err := m.run(); err != nil {
		t.Fatal(err)
	}
	for i, z := range logits {
		want := math.Log1p(math.Exp(-z))
		if z < 0 {
			want = math.Log1p(math.Exp(z)) - z
		}
		if got := losses.values()[i]; math.Abs(got-want) > 1e-15*math.Abs(want) {
			t.Errorf("loss at %g: %g, not %g", z, got, want)
		}
		slope := -1 / (1 + math.Exp(z))
		if got := slopes[0].values()[i]; math.Abs(got-slope) > 1e-14*math.Abs(slope) {
			t.Errorf("slope at %g: %g, not %g", z, got, slope)
		}
	}
}

// BenchmarkRecord is one record's gradient at 250-64-64-1.
func BenchmarkRecord(b *testing.B) {
	shape := newDiscriminatorShape(nets.DiscriminatorConfig{Hidden: []int{64, 64}, Dropout: 0.5}, single.whitening(layoutOf(125, 125)))
	r := rand.New(rand.NewPCG(1, 2))
	d, err := newRecordLoss(shape, blank(r, shape.size))
	if err != nil {
		b.Fatal(err)
	}
	fill(r, d.row)
	b.ReportAllocs()
	for b.Loop() {
		if err := d.run(); err != nil {
			b.Fatal(err)
		}
		d.byParameter.write()
	}
}
