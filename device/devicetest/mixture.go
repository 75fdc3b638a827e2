package devicetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

func testSoftmax(f *fixture) {
	for _, l := range layouts() {
		f.sub(l.name, func(f *fixture) {
			logits := f.normal(67, l.layout.Width, 3)
			p := f.hole(67, l.layout.Width)
			f.d.Softmax(p, f.put(logits), l.layout)
			want := distributions(logits, l.layout)
			near(f.T, "p", f.get(p), want, within(want, 1e-30, 2e-6))
		})
	}
}

func distributions(logits values, layout *device.Layout) values {
	p := logits.clone()
	for i := range p {
		for k := range layout.Spans {
			s := &layout.Spans[k]
			softmax(p[i][s.Start:s.End()])
		}
	}
	return p
}

// table is a random case of MomentDelta.
type table struct {
	p              values
	one, oneWeight []float64
	two, twoWeight []values
	slice          []int
	atoms, cells   int
}

func (f *fixture) table(atoms, cells int, slice []int) *table {
	t := &table{atoms: atoms, cells: cells, slice: slice, p: f.positive(atoms, cells)}
	t.one, t.oneWeight = f.positive(1, cells)[0], f.positive(1, cells)[0]
	for range slice {
		for _, m := range []*[]values{&t.two, &t.twoWeight} {
			v := f.positive(cells, cells)
			for a := range v {
				for b := range a {
					v[a][b] = v[b][a]
				}
				if a%3 == 0 {
					v[a][a] = 0
				}
			}
			*m = append(*m, v)
		}
	}
	return t
}

// positive is a random matrix of float32 values in (0, 1).
func (f *fixture) positive(rows, cols int) values {
	v := constant(rows, cols, 0)
	for i := range v {
		for j := range v[i] {
			v[i][j] = float64(f.random.Float32())
		}
	}
	return v
}

// loss is L as its doc comment says.
func (t *table) loss() float64 {
	loss, n := 0.0, float64(t.atoms)
	for a := range t.cells {
		m := 0.0
		for i := range t.p {
			m += t.p[i][a] / n
		}
		loss += t.oneWeight[a] * (m - t.one[a]) * (m - t.one[a])
	}
	for s, slice := range t.slice {
		for a := range t.cells {
			for b := range t.cells {
				m := 0.0
				for _, p := range t.p {
					w := 1.0
					if slice >= 0 {
						w = p[slice]
					}
					m += w * p[a] * p[b] / n
				}
				r := m - t.two[s][a][b]
				loss += t.twoWeight[s][a][b] * r * r
			}
		}
	}
	return loss
}

// place uploads t.
func (f *fixture) place(t *table) (device.Matrix, *device.Moments) {
	m := &device.Moments{One: f.putVector(t.one), OneWeight: f.putVector(t.oneWeight), Slice: t.slice,
		Moment: f.hole(t.cells, t.cells), Product: f.hole(t.atoms, t.cells),
		Share: f.putVector(make([]float64, t.atoms)), Sum: f.putVector(make([]float64, t.cells))}
	for s := range t.slice {
		m.Two = append(m.Two, f.put(t.two[s]))
		m.TwoWeight = append(m.TwoWeight, f.put(t.twoWeight[s]))
	}
	return f.put(t.p), m
}

// testMomentDelta checks the loss, and the gradient by differences: L is a
// polynomial of degree six at most, so they are close.
func testMomentDelta(f *fixture) {
	for _, c := range []struct {
		atoms, cells int
		slice        []int
	}{{1, 1, []int{-1}}, {5, 7, nil}, {9, 6, []int{-1}}, {12, 8, []int{6, 7}}, {70, 33, []int{2, -1}}} {
		f.sub(fmt.Sprintf("%dx%d slices %v", c.atoms, c.cells, c.slice), func(f *fixture) {
			t := f.table(c.atoms, c.cells, c.slice)
			p, m := f.place(t)
			d, loss := f.hole(c.atoms, c.cells), f.putVector([]float64{math.NaN()})
			f.d.MomentDelta(d, p, m, loss)
			want := t.loss()
			round := roundingOf(f.d.Precision())
			near(f.T, "loss", values{f.getVector(loss)}, values{{want}}, within(values{{want}}, 0, 1e-5+8*round))
			delta := f.get(d)
			f.d.MomentDelta(device.Matrix{}, p, m, loss)
			near(f.T, "loss alone", values{f.getVector(loss)}, values{{want}}, within(values{{want}}, 0, 1e-5+8*round))
			for i := 0; i < c.atoms; i += 1 + c.atoms/3 {
				for j := range c.cells {
					slope := slope(t.loss, &t.p[i][j])
					size := math.Max(math.Abs(slope), want/float64(c.atoms))
					if math.Abs(delta[i][j]-slope) > (1e-4+8*round)*size {
						f.Errorf("d[%d][%d] = %v, differences give %v", i, j, delta[i][j], slope)
					}
				}
			}
		})
	}
}

// testMomentRefusal: what does not fit is an error, not a crash.
func testMomentRefusal(f *fixture, open func(t *testing.T) device.Device) {
	for name, spoil := range map[string]func(m *device.Moments){
		"slice beyond the row": func(m *device.Moments) { m.Slice[0] = 99 },
		"a table missing":      func(m *device.Moments) { m.Two = nil },
		"scratch too small":    func(m *device.Moments) { m.Moment.Rows-- },
	} {
		f.T.Run(name, func(t *testing.T) {
			g := &fixture{T: t, d: open(t), random: f.random, placed: map[device.Buffer][]float32{}}
			defer func() { _ = g.d.Close() }()
			p, m := g.place(g.table(4, 5, []int{1}))
			d, loss := g.hole(4, 5), g.putVector([]float64{0})
			spoil(m)
			g.d.MomentDelta(d, p, m, loss)
			if g.d.Sync() == nil {
				t.Error("no error")
			}
		})
	}
}

// testLean: d grows by share of its own length in the direction of pull, however long
// pull is; and by nothing where that says nothing.
func testLean(f *fixture) {
	for _, size := range []struct{ rows, cols int }{{1, 1}, {3, 5}, {65, 33}, {1000, 7}, {20, 300}} {
		for _, length := range []float64{1, 1e25, 1e-25} { // squares leave float32
			f.sub(fmt.Sprintf("%dx%d/pull of size %v", size.rows, size.cols, length), func(f *fixture) {
				d, pull := f.normal(size.rows, size.cols, 1), f.normal(size.rows, size.cols, length)
				onD, onPull := f.put(d), f.put(pull)
				f.d.Lean(onD, onPull, 0.75)
				want, s := d.clone(), 0.75*math.Sqrt(weighted(d, d)/weighted(pull, pull))
				for i := range want {
					for j := range want[i] {
						want[i][j] += s * pull[i][j]
					}
				}
				near(f.T, "d", f.get(onD), want, func(i, j int) float64 { return 1e-6 * (math.Abs(d[i][j]) + math.Abs(s*pull[i][j])) })
				near(f.T, "pull", f.get(onPull), pull, exact)
			})
		}
	}
	for _, c := range []struct {
		name      string
		one, rest float64 // an element of pull, and the others
		share     float32
	}{{"nothing", 0, 0, 1}, {"an infinite element", math.Inf(-1), 1, 1}, {"an element that is no number", math.NaN(), 1, 1},
		{"a number too large", 1e-38, 0, math.MaxFloat32}} {
		f.sub(c.name, func(f *fixture) {
			d, pull := f.normal(70, 40, 1), constant(70, 40, c.rest)
			pull[69][39] = c.one
			onD := f.put(d)
			f.d.Lean(onD, f.put(pull), c.share)
			near(f.T, "d", f.get(onD), d, exact)
		})
	}
}

// roundingOf is the relative rounding of one operand of a product.
func roundingOf(p device.Precision) float64 {
	switch p {
	case device.TensorFloat32:
		return 0x1p-11
	case device.BrainFloat16:
		return 0x1p-8
	default:
		return 0
	}
}
