package mixture

import (
	"math"
	"math/rand/v2"
	"testing"
)

// random is a mixture of n atoms, some cells of which have no share.
func random(t testing.TB, n int, counts []int, seed uint64) *Mixture {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	var p []float32
	for range n {
		for _, count := range counts {
			column, sum := make([]float64, count), 0.0
			for k := range column {
				if column[k] = r.ExpFloat64(); k > 0 && r.IntN(5) == 0 {
					column[k] = 0
				}
				sum += column[k]
			}
			for _, x := range column {
				p = append(p, float32(x/sum))
			}
		}
	}
	m, err := New(p, counts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// joint enumerates the table of all columns, the last cell running fastest.
func (m *Mixture) joint() []float64 {
	size := 1
	for _, count := range m.counts {
		size *= count
	}
	out := make([]float64, size)
	for at := range out {
		row := m.unravel(at)
		for i := range m.n {
			p := m.weight(i) / float64(m.n)
			for j, k := range row {
				p *= float64(m.cells(i, j)[k])
			}
			out[at] += p
		}
	}
	return out
}

func (m *Mixture) unravel(at int) []uint32 {
	row := make([]uint32, len(m.counts))
	for j := len(row) - 1; j >= 0; j-- {
		row[j] = uint32(at % m.counts[j])
		at /= m.counts[j]
	}
	return row
}

func (m *Mixture) ravel(row []uint32) int {
	at := 0
	for j, k := range row {
		at = at*m.counts[j] + int(k)
	}
	return at
}

// given conditions the enumerated table by hand.
func (m *Mixture) given(evidence [][]float64) (table []float64, share float64) {
	table = m.joint()
	for at := range table {
		for j, k := range m.unravel(at) {
			if evidence[j] != nil {
				table[at] *= evidence[j][k]
			}
		}
		share += table[at]
	}
	for at := range table {
		table[at] /= share
	}
	return table, share
}

func TestGivenIsBayesRule(t *testing.T) {
	m := random(t, 7, []int{3, 2, 4}, 1)
	for name, evidence := range map[string][][]float64{
		"one cell":     {{0, 1, 0}, nil, nil},
		"part of some": {{0.3, 0, 1}, nil, {1, 0.01, 0, 0.5}},
		"all columns":  {{0, 0.5, 1}, {1, 0}, {0, 0, 1, 1}},
		"rare":         {{1e-30, 0, 0}, nil, nil},
		"weights":      {nil, {20, 3}, nil},
	} {
		want, share := m.given(evidence)
		given, got, err := m.Given(evidence)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got/share-1) > 1e-6 {
			t.Errorf("%s: share %g, want %g", name, got, share)
		}
		for at, p := range given.joint() {
			if math.Abs(p-want[at]) > 1e-6 { // float32 rounding of p
				t.Errorf("%s: cell %v has %g, want %g", name, m.unravel(at), p, want[at])
			}
		}
		// Once more, now of a weighted mixture.
		more := [][]float64{nil, nil, {1, 0.5, 1, 1}}
		want, share = given.given(more)
		twice, got, err := given.Given(more)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got/share-1) > 1e-6 {
			t.Errorf("%s, then more: share %g, want %g", name, got, share)
		}
		for at, p := range twice.joint() {
			if math.Abs(p-want[at]) > 1e-6 {
				t.Errorf("%s, then more: cell %v has %g, want %g", name, m.unravel(at), p, want[at])
			}
		}
	}
	if given, share, err := m.Given([][]float64{{0, 0, 0}, nil, nil}); given != nil || share != 0 || err != nil {
		t.Errorf("nothing is wanted: %v, %g, %v", given, share, err)
	}
}

// Each cell's count lies within 5 standard deviations of what is enumerated, and
// cells without a share never occur: a false alarm in 1e6 runs a cell.
func wantTable(t *testing.T, m *Mixture, rows *Rows, want []float64) {
	t.Helper()
	counts, n := make([]float64, len(want)), float64(rows.Len())
	for i := range rows.Len() {
		counts[m.ravel(rows.row(i))]++
	}
	for at, p := range want {
		if p < 1e-12 && counts[at] > 0 || math.Abs(counts[at]-n*p) > 5*math.Sqrt(n*p*(1-p))+1 {
			t.Errorf("cell %v occurs %v times of %v, want %v", m.unravel(at), counts[at], n, n*p)
		}
	}
}

func TestSamplesOfGivenMixtures(t *testing.T) {
	m := random(t, 7, []int{3, 2, 4}, 2)
	evidence := [][]float64{{0.3, 0, 1}, nil, {1, 0.01, 0, 0.5}}
	want, _ := m.given(evidence)
	given, _, err := m.Given(evidence)
	if err != nil {
		t.Fatal(err)
	}
	const n = 50000
	rows := given.Sample(n, 3)
	wantTable(t, m, rows, want)
	atoms := make([]int, given.Atoms())
	for _, a := range rows.Atoms {
		atoms[a]++
	}
	for i, got := range atoms {
		if want := n * given.weight(i) / float64(given.n); math.Abs(float64(got)-want) > 1 {
			t.Errorf("atom %d occurs %d times, want %g", i, got, want)
		}
	}
	given.Refine(rows, given.FromAtoms(rows), 3, 100)
	for i, cell := range rows.Cells {
		if j := i % 3; evidence[j] != nil && evidence[j][cell] == 0 {
			t.Fatalf("refined to a cell %d of column %d that is not wanted", cell, j)
		}
	}
}

func TestSampleWithKeepsTheCells(t *testing.T) {
	m := random(t, 5, []int{3, 2, 4}, 4)
	cells := make([]uint32, 60000)
	for i := range cells {
		cells[i] = uint32(i % 3)
	}
	rows := m.SampleWith(0, cells, 1)
	check := func() {
		for i, k := range cells {
			if rows.row(i)[0] != k {
				t.Fatalf("row %d has cell %d, want %d", i, rows.row(i)[0], k)
			}
		}
	}
	check()
	// A third of the rows for each cell: the conditionals, weighted alike.
	want := make([]float64, 24)
	for k := range 3 {
		evidence := [][]float64{{0, 0, 0}, nil, nil}
		evidence[0][k] = 1
		table, _ := m.given(evidence)
		for at, p := range table {
			want[at] += p / 3
		}
	}
	wantTable(t, m, rows, want)
	m.Refine(rows, m.FromAtomsKeeping(rows, 0), 1, 50)
	check()
}

func TestCompleteIsBayesRule(t *testing.T) {
	m := random(t, 6, []int{3, 2, 4}, 5)
	evidence := [][]float64{nil, nil, {1, 1, 0.5, 0}}
	c := m.Completer(evidence)
	for name, known := range map[string][]uint32{
		"one unknown":     {0, 0, Unknown},
		"two unknown":     {Unknown, 1, Unknown},
		"nothing known":   {Unknown, Unknown, Unknown},
		"without weights": {Unknown, 0, 0},
	} {
		what := make([][]float64, 3)
		for j, k := range known {
			if what[j] = evidence[j]; k != Unknown {
				what[j] = make([]float64, m.counts[j])
				what[j][k] = 1
			}
		}
		want, _ := m.given(what)
		var cells []uint32
		const n = 40000
		for range n {
			cells = append(cells, known...)
		}
		if err := c.Complete(cells, 6); err != nil {
			t.Fatal(name, err)
		}
		rows := &Rows{Cells: cells, Atoms: make([]uint32, n)}
		for j, k := range known {
			if k != Unknown && rows.row(n / 2)[j] != k {
				t.Errorf("%s: changed a known cell", name)
			}
		}
		wantTable(t, m, rows, want)
	}
}

// A known cell that no atom has is no reason to stop; an unknown one of which
// nothing may be drawn is.
func TestCompleteWithoutShares(t *testing.T) {
	m, err := New([]float32{1, 0, 0.5, 0.5, 1, 0, 0, 1}, []int{2, 2})
	if err != nil {
		t.Fatal(err)
	}
	cells := []uint32{1, Unknown}
	if err := m.Completer(make([][]float64, 2)).Complete(cells, 1); err != nil || cells[1] > 1 {
		t.Errorf("%v, %v", cells, err)
	}
	if err := m.Completer([][]float64{{0, 1}, nil}).Complete([]uint32{Unknown, 0}, 1); err == nil {
		t.Error("drew a cell without a share")
	}
}
