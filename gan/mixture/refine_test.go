package mixture

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// distance is that of the rows' pair frequencies to the mixture's, in L2.
func (m *Mixture) distance(rows *Rows) float64 {
	counts := make([]int32, m.width*m.width)
	for i := range rows.Len() {
		m.count(counts, rows.row(i), 1)
	}
	sum := 0.0
	for at, p := range m.Moments() {
		d := float64(counts[at])/float64(rows.Len()) - float64(p)
		sum += d * d
	}
	return math.Sqrt(sum)
}

// Refining at least halves the error of a sample, and no row takes a cell to
// which its atom gives no share.
func TestRefineHalvesTheDistance(t *testing.T) {
	for seed := range uint64(4) {
		m := random(t, 60, []int{4, 3, 5, 2, 6}, seed)
		rows := m.Sample(3000, seed)
		atoms, before := slices.Clone(rows.Atoms), m.distance(rows)
		m.Refine(rows, m.FromAtoms(rows), seed, 100)
		if after := m.distance(rows); after > before/2 {
			t.Errorf("seed %d: distance %g, from %g", seed, after, before)
		}
		if !slices.Equal(atoms, rows.Atoms) {
			t.Errorf("seed %d: rows changed their atoms", seed)
		}
		for i := range rows.Len() {
			for j, cell := range rows.row(i) {
				if m.cells(int(rows.Atoms[i]), j)[cell] == 0 {
					t.Fatalf("seed %d: row %d has cell %d in column %d, of which its atom has none", seed, i, cell, j)
				}
			}
		}
	}
}

// Refining a handful of rows, or none, does no harm.
func TestRefineFewRows(t *testing.T) {
	m := random(t, 5, []int{3, 2}, 1)
	m.Refine(&Rows{}, nil, 1, 10)
	for _, n := range []int{1, 2, 10} {
		rows := m.Sample(n, 1)
		before := m.distance(rows)
		m.Refine(rows, m.FromAtoms(rows), 1, 20)
		if after := m.distance(rows); after > before+1e-9 {
			t.Errorf("n=%d: distance %g, from %g", n, after, before)
		}
	}
}

// weightedPairs are the weighted frequencies of pairs of cells.
func (m *Mixture) weightedPairs(rows *Rows, weights []float64) []float64 {
	out, sum := make([]float64, m.width*m.width), 0.0
	for i, w := range weights {
		row := rows.row(i)
		sum += w
		for j, x := range row {
			for k, y := range row {
				out[(m.starts[j]+int(x))*m.width+m.starts[k]+int(y)] += w
			}
		}
	}
	for at := range out {
		out[at] /= sum
	}
	return out
}

// Raked weights are positive and give each pair of columns the frequencies that
// it has without them; what they say of three columns at a time stays.
func TestRakeKeepsPairs(t *testing.T) {
	for seed, counts := range [][]int{{3, 2, 4}, {4, 4}, {5}, {2, 2, 2, 2}} {
		m := random(t, 20, counts, uint64(seed))
		rows := m.Sample(4000, uint64(seed))
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		weights, even := make([]float64, rows.Len()), make([]float64, rows.Len())
		for i := range weights {
			even[i] = 1
			odd := uint32(0)
			for _, cell := range rows.row(i) {
				odd += cell
			}
			weights[i] = math.Exp(0.5*r.NormFloat64()+0.5*float64(odd%2)) * 100
		}
		m.Rake(rows, weights, 100)
		for i, w := range weights {
			if !(w > 0) || math.IsInf(w, 0) {
				t.Fatalf("%v: weight %d is %g", counts, i, w)
			}
		}
		want := m.weightedPairs(rows, even)
		for at, got := range m.weightedPairs(rows, weights) {
			if math.Abs(got-want[at]) > 1e-3 {
				t.Errorf("%v: cells %d and %d: %g, want %g", counts, at/m.width, at%m.width, got, want[at])
			}
		}
		if len(counts) > 2 && slices.Max(weights)-slices.Min(weights) < 0.1 {
			t.Errorf("%v: raking left nothing of the weights", counts)
		}
	}
}

// A row of weight w occurs ⌊nw/Σw⌋ or ⌈nw/Σw⌉ times, and whole.
func TestResampleByWeights(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for seed := range uint64(30) {
		from := 1 + r.IntN(200)
		rows, weights, sum := &Rows{}, make([]float64, from), 0.0
		for i := range weights {
			rows.Cells = append(rows.Cells, uint32(i), uint32(2*i))
			rows.Atoms = append(rows.Atoms, uint32(i))
			if weights[i] = r.ExpFloat64(); r.IntN(4) == 0 && i > 0 {
				weights[i] = 0
			}
			sum += weights[i]
		}
		n := 1 + r.IntN(500)
		out := rows.Resample(n, weights, seed)
		if out.Len() != n || len(out.Cells) != 2*n {
			t.Fatalf("%d rows of %d cells, want %d", out.Len(), len(out.Cells), n)
		}
		often := make([]float64, from)
		for k, i := range out.Atoms {
			often[i]++
			if row := out.row(k); row[0] != i || row[1] != 2*i {
				t.Fatalf("row %d of atom %d has the cells %v", k, i, row)
			}
		}
		for i, w := range weights {
			share := float64(n) * w / sum
			if often[i] < math.Floor(share-1e-9) || often[i] > math.Ceil(share+1e-9) {
				t.Errorf("n=%d: weight %g of %g occurs %g times, not about %g", n, w, sum, often[i], share)
			}
		}
	}
}

// FromPool proposes rows as often as their weights say: χ² with a false alarm in 1e6.
func TestFromPoolProposesByWeight(t *testing.T) {
	pool := &Rows{Cells: []uint32{0, 1, 2, 3, 4}, Atoms: make([]uint32, 5)}
	weights := []float64{3, 0, 1, 5, 0}
	propose, random := FromPool(pool, weights), rand.New(rand.NewPCG(1, 2))
	const n = 20_000
	counts, row := make([]float64, 5), make([]uint32, 1)
	for i := range n {
		propose(row, i, random)
		counts[row[0]]++
	}
	chi := 0.0
	for k, w := range weights {
		want := n * w / 9
		if want == 0 {
			if counts[k] > 0 {
				t.Errorf("row %d has no weight and was proposed", k)
			}
			continue
		}
		chi += (counts[k] - want) * (counts[k] - want) / want
	}
	if most := (distuv.ChiSquared{K: 2}).Quantile(1 - 1e-6); chi > most {
		t.Errorf("χ² = %.1f, more than %.1f", chi, most)
	}
}
