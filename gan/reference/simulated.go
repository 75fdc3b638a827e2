package reference

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/nets"
)

// simulatedRows is the size of the table that Verify trains on.
const simulatedRows = 240

// simulatedCells cut the columns of that table: numbers into intervals, one with a spike
// and one with a cell of two intervals, and categories. The last is the target.
func simulatedCells() []dpsgd.Cells {
	return []dpsgd.Cells{
		dpsgd.EachBin([]uint32{0, 40, 100, 120, 121}),
		dpsgd.EachBin([]uint32{0, 1, 2, 3}),
		{Edges: []uint32{0, 1, 300, 1000}, Index: []uint32{1, 0, 1}, Count: 2},
		dpsgd.EachBin([]uint32{0, 1, 2, 3, 4, 5}),
		dpsgd.EachBin([]uint32{0, 1, 2, 3}),
	}
}

// simulatedTables are what the discriminator looks at: most of the columns in pairs, or
// with the target.
func simulatedTables(triples bool) [][]int {
	if triples {
		return [][]int{{0, 1, 4}, {0, 3, 4}, {2, 3, 4}}
	}
	return [][]int{{0, 1}, {1, 2}, {0, 4}, {2, 3}, {3, 4}}
}

// layoutOf places the cells of columns of so many side by side: codes are cells.
func layoutOf(counts ...int) *device.Layout {
	l := &device.Layout{}
	for j, n := range counts {
		span := device.Span{Column: j, Start: l.Width}
		for k := range n + 1 {
			span.Edges = append(span.Edges, uint32(k))
		}
		l.Spans, l.Width = append(l.Spans, span), l.Width+n
	}
	return l
}

func cellLayout(cells []dpsgd.Cells) *device.Layout {
	var counts []int
	for j := range cells {
		counts = append(counts, cells[j].Count)
	}
	return layoutOf(counts...)
}

// pairTables are tables over the cells of layout, with gradients of different sizes.
func pairTables(layout *device.Layout, tables [][]int) *device.PairTables {
	pairs, sizes := &device.PairTables{}, []float64(nil)
	for i, columns := range tables {
		t := device.PairTable{A: columns[0], B: columns[1], Target: -1, CountB: layout.Spans[columns[1]].Modes(), CountTarget: 1, Offset: pairs.Weights}
		if len(columns) == 3 {
			t.Target, t.CountTarget = columns[2], layout.Spans[columns[2]].Modes()
		}
		pairs.Tables = append(pairs.Tables, t)
		pairs.Weights += layout.Spans[t.A].Modes() * t.CountB * t.CountTarget
		sizes = append(sizes, 1+float64(i)/2)
	}
	for i, g := range dpsgd.PairGradients(sizes) {
		pairs.Tables[i].Gradient = g
	}
	return pairs
}

// gate holds rows that are nobody's. It has no budget: nothing is
// measured through it, and the steps release nothing private.
func (t trial) gate(cells []dpsgd.Cells) (*dpsgd.Gate, error) {
	r := rand.New(rand.NewPCG(t.seed, 1))
	sizes, columns := make([]uint32, len(cells)), make([][]uint32, len(cells))
	for j := range cells {
		edges := cells[j].Edges
		sizes[j] = edges[len(edges)-1]
		for range simulatedRows {
			bin := r.IntN(len(edges) - 1)
			columns[j] = append(columns[j], edges[bin]+r.Uint32N(edges[bin+1]-edges[bin]))
		}
	}
	gate := dpsgd.NewGate(sizes, nil, dpsgd.InsecureEntropy(t.seed))
	return gate, gate.Append(columns)
}

// whitening is a fixed affine map of rows. Where products round it changes nothing: more
// of what is centred lies so near to 0 that rounding turns its sign.
func (t trial) whitening(layout *device.Layout) *nets.Whitening {
	d := layout.Width
	w := &nets.Whitening{Inputs: d, Outputs: d, Weight: make([]float32, d*d), Bias: make([]float32, d)}
	if t.rounds {
		for k := range d {
			w.Weight[k*d+k] = 1
		}
		return w
	}
	r, shares := rand.New(rand.NewPCG(t.seed, 3)), unevenShares(layout)
	for a, share := range shares {
		scale := 1 / math.Sqrt(float64(d)*math.Max(share*(1-share), 1e-2)) // a column of one cell has no variance
		for k := range d {
			v := float32(scale * r.NormFloat64())
			w.Weight[a*d+k] = v
			w.Bias[k] -= float32(share) * v
		}
	}
	return w
}

// unevenShares are shares of the cells of each column: 1, 4, 9 … to one another.
func unevenShares(layout *device.Layout) (shares []float64) {
	for j := range layout.Spans {
		n, sum := layout.Spans[j].Modes(), 0.0
		for k := range n {
			sum += math.Pow(float64(k+1), 2)
		}
		for k := range n {
			shares = append(shares, math.Pow(float64(k+1), 2)/sum)
		}
	}
	return shares
}

// targets are what weights, frequencies, say of pairs, tables weighing differently, and
// uneven shares of single columns.
func targets(layout *device.Layout, pairs *device.PairTables, weights []float32) *nets.Targets {
	d := layout.Width
	out := &nets.Targets{Slice: []int{-1}}
	for _, share := range unevenShares(layout) {
		out.One, out.OneWeight = append(out.One, float32(share)), append(out.OneWeight, float32(1+share))
	}
	if len(pairs.Tables) > 0 && pairs.Tables[0].Target >= 0 {
		target := &layout.Spans[pairs.Tables[0].Target]
		out.Slice = nil
		for v := range target.Modes() {
			out.Slice = append(out.Slice, target.Start+v)
		}
	}
	for range out.Slice {
		out.Two, out.TwoWeight = append(out.Two, make([]float32, d*d)), append(out.TwoWeight, make([]float32, d*d))
	}
	for i := range pairs.Tables {
		t := &pairs.Tables[i]
		first, second := layout.Spans[t.A].Start, layout.Spans[t.B].Start
		for k := range layout.Spans[t.A].Modes() * t.CountB * t.CountTarget {
			a, b, v := first+k/t.CountTarget/t.CountB, second+k/t.CountTarget%t.CountB, k%t.CountTarget
			for _, at := range []int{a*d + b, b*d + a} {
				out.Two[v][at], out.TwoWeight[v][at] = weights[t.Offset+k], float32(1+i)
			}
		}
	}
	return out
}
