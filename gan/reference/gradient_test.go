package reference

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
)

// layouts are rows with and without conditions, offsets, and spans of one cell.
var layouts = map[string]*device.Layout{
	"conditioned": {Width: 10, ConditionWidth: 5, Spans: []device.Span{
		{Column: 0, Start: 0, Offset: true, Edges: []uint32{0, 10, 30, 31}, Condition: -1},
		{Column: 1, Start: 4, Edges: []uint32{0, 1, 2}, Condition: 0},
		{Column: 2, Start: 6, Edges: []uint32{0, 1, 2, 3}, Condition: 2},
		{Column: 3, Start: 9, Edges: []uint32{0, 1}, Condition: -1}}},
	"unconditioned": {Width: 5, Spans: []device.Span{
		{Column: 0, Start: 0, Offset: true, Edges: []uint32{0, 10}, Condition: -1},
		{Column: 1, Start: 2, Edges: []uint32{0, 1, 2, 3}, Condition: -1}}},
	"one condition cell": {Width: 2, ConditionWidth: 1, Spans: []device.Span{
		{Column: 0, Start: 0, Offset: true, Edges: []uint32{0, 10}, Condition: 0}}},
	"one cell": {Width: 1, Spans: []device.Span{{Column: 0, Start: 0, Edges: []uint32{0, 1}, Condition: -1}}},
}

func fill(r *rand.Rand, values []float64) {
	for i := range values {
		values[i] = r.NormFloat64()
	}
}

// blank makes parameters of random values.
func blank(r *rand.Rand, v inventory) *parameters {
	p := &parameters{inventory: v, values: make([]float32, v.size), wide: make([]float64, v.size)}
	fill(r, p.wide)
	return p
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

func TestDiscriminatorGradient(t *testing.T) {
	for name, layout := range layouts {
		for _, hidden := range [][]int{{1}, {3, 2}} {
			for _, dropout := range []float64{0, 0.5} {
				t.Run(fmt.Sprint(name, hidden, dropout), func(t *testing.T) {
					r := rand.New(rand.NewPCG(1, 2))
					var white *gan.Whitening // a column of one mode tells nothing, white
					if dropout == 0 && name != "one cell" {
						var err error
						if white, err = gan.WhitenColumns(layout, unevenShares(layout)); err != nil {
							t.Fatal(err)
						}
					}
					shape := newDiscriminatorShape(gan.DiscriminatorConfig{Hidden: hidden, Dropout: dropout}, layout, white)
					p := blank(r, shape.inventory)
					record, err := newRecordLoss(shape, p, layout)
					if err != nil {
						t.Fatal(err)
					}
					defer record.close()
					cost := prepare(t, r, record)
					gradient := make([]float64, p.size)
					record.byParameter.write(gradient)
					compare(t, "parameter", p.wide, gradient, cost)

					batch, err := newBatchLoss(shape, p, layout, 3)
					if err != nil {
						t.Fatal(err)
					}
					defer batch.close()
					cost = prepare(t, r, batch)
					compare(t, "row", batch.row, append([]float64(nil), batch.byRow.values()...), cost)
				})
			}
		}
	}
}

// prepare fills the leaves, runs once, and returns the cost as a function of them.
func prepare(t *testing.T, r *rand.Rand, d *discriminator) func() float64 {
	t.Helper()
	fill(r, d.row)
	fill(r, d.condition)
	for i := range d.sign {
		d.sign[i] = float64(1 - 2*(i%2))
	}
	for _, mask := range d.masks {
		for i := range mask {
			mask[i] = 2 * math.Min(1, float64((i+1)%3))
		}
	}
	cost := func() float64 {
		if err := d.run(); err != nil {
			t.Fatal(err)
		}
		return d.cost.scalar()
	}
	cost()
	return cost
}

func TestGeneratorGradient(t *testing.T) {
	for name, layout := range layouts {
		if layout.Width == 1 {
			continue // a row of one certain category teaches the generator nothing
		}
		for _, hidden := range [][]int{{1}, {3, 2}} {
			for _, batch := range []int{3, 4} {
				t.Run(fmt.Sprint(name, hidden, batch), func(t *testing.T) {
					r := rand.New(rand.NewPCG(3, 4))
					shape := newGeneratorShape(gan.GeneratorConfig{Latent: 3, Hidden: hidden}, layout)
					p := blank(r, shape.inventory)
					g, err := newGeneratorLoss(shape, p, layout, batch, 0.7)
					if err != nil {
						t.Fatal(err)
					}
					defer g.close()
					for _, leaf := range [][]float64{g.latent, g.condition, g.pull, g.noise} {
						fill(r, leaf)
					}
					if layout.ConditionWidth > 0 {
						span := layout.Conditioned()[0]
						for i := range batch {
							g.wish[i*layout.Width+layout.Spans[span].ModeStart()] = 1 / float64(batch)
							g.asked[i*len(layout.Spans)+span] = 1 / float64(batch)
						}
					}
					cost := func() float64 {
						if err := g.run(); err != nil {
							t.Fatal(err)
						}
						return g.cost.scalar()
					}
					cost()
					gradient := make([]float64, p.size)
					g.byParameter.write(gradient)
					compare(t, "parameter", p.wide, gradient, cost)
				})
			}
		}
	}
}

// The loss must hold its precision where the discriminator is sure.
func TestLogisticTails(t *testing.T) {
	e := newExpression()
	logits := []float64{-800, -40, -17, -1e-3, 1e-3, 17, 40, 800}
	x, leaf := e.leaf("logits", len(logits), 1)
	copy(leaf, logits)
	loss := logistic(e, x)
	losses, slopes := e.read(loss), e.gradient(e.total(loss), []node{x})
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
	layout := &device.Layout{Width: 250}
	shape := newDiscriminatorShape(gan.DiscriminatorConfig{Hidden: []int{64, 64}, Dropout: 0.5}, layout, nil)
	r := rand.New(rand.NewPCG(1, 2))
	p := blank(r, shape.inventory)
	d, err := newRecordLoss(shape, p, layout)
	if err != nil {
		b.Fatal(err)
	}
	fill(r, d.row)
	gradient := make([]float64, p.size)
	b.ReportAllocs()
	for b.Loop() {
		if err := d.run(); err != nil {
			b.Fatal(err)
		}
		d.byParameter.write(gradient)
	}
}
