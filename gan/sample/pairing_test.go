package sample

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// chainedMixture is a model of two atoms with an order of three columns, of which
// the second and the third are known by their distance from the one before. Bounds
// clamp some distances, and cells are cut unevenly.
func chainedMixture(t testing.TB) *generator {
	t.Helper()
	schema := tabular.Schema{Columns: []tabular.Column{
		{Name: "start", Type: tabular.Integer, Bounds: []any{0, 9}},
		{Name: "middle", Type: tabular.Integer, Bounds: []any{2, 14}},
		{Name: "end", Type: tabular.Integer, Bounds: []any{0, 17}, Nullable: true},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := codec.CompileRules([]tabular.Rule{{Order: []string{"start", "middle", "end"}}})
	if err != nil {
		t.Fatal(err)
	}
	m := &generator{domain: &tabular.Domain{Codec: codec, Rules: rules}, differences: rules.Differences(), columns: []marginal.Binning{
		{Cells: dpsgd.Cells{Edges: []uint32{0, 1, 4, 7, 10}, Index: []uint32{0, 1, 2, 1}, Count: 3}, Within: []float64{1, .6, 1, .4}},
		{Cells: dpsgd.Cells{Edges: []uint32{0, 1, 3, 8, 15}, Index: []uint32{0, 1, 2, 2}, Count: 3}, Within: []float64{1, 1, .75, .25}},
		{Cells: dpsgd.Cells{Edges: []uint32{0, 2, 5, 16, 17}, Index: []uint32{0, 1, 1, 2}, Count: 3}, Within: []float64{1, .8, .2, 1}},
		{Cells: dpsgd.EachBin([]uint32{0, 1, 2}), Within: []float64{1, 1}},
	}}
	counts, learned := make([]int, 4), codec.WithDifferences(m.differences)
	for j := range m.columns {
		c := &m.columns[j]
		counts[j], c.Shares, c.Noise = c.Count, make([]float64, c.Count), make([]float64, c.Count)
		if err := c.Check(learned.Size(j)); err != nil {
			t.Fatalf("column %d: %v", j, err)
		}
	}
	if m.mixture, err = mixture.New(slices.Clone(chainedAtoms), counts); err != nil {
		t.Fatal(err)
	}
	return m
}

// chainedAtoms are the probabilities of three cells each of start and the two
// distances, and of two sexes, in two atoms.
var chainedAtoms = []float32{
	.5, .25, .25, .25, .5, .25, .5, .25, .25, .75, .25,
	.125, .375, .5, .1, .3, .6, .125, .75, .125, .25, .75,
}

// outcome is a row of a chainedMixture.
type outcome [4]uint32

// outcomes are the probabilities of all rows that meet conditions, and their sum,
// by enumeration of what the atoms draw.
func (m *generator) outcomes(meets func(o outcome) bool) (map[outcome]float64, float64) {
	out, sum := map[outcome]float64{}, 0.0
	mid, end := m.differences[0], m.differences[1]
	for atom := range 2 {
		for start := range uint32(10) {
			for first := range uint32(15) {
				for second := range uint32(17) {
					for sex := range uint32(2) {
						p := 0.5
						for j, code := range []uint32{start, first, second, sex} {
							c := &m.columns[j]
							whole := newDecoder(c, codeWeights{{tabular.Run{From: code, To: code + 1}, 1}})
							cell := c.Cell(code)
							p *= float64(chainedAtoms[11*atom+3*j+int(cell)]) * whole.share(int(cell))
						}
						o := outcome{start, mid.Restore(start, first), 0, sex}
						o[2] = end.Restore(o[1], second)
						if p > 0 && meets(o) {
							out[o] += p
							sum += p
						}
					}
				}
			}
		}
	}
	return out, sum
}

// sameShares compares the shares of each column's codes in rows, and of pairs of
// codes with the first column, with the probabilities of outcomes: 5 standard deviations.
func sameShares(t *testing.T, name string, rows [][]uint32, want map[outcome]float64, sum float64) {
	t.Helper()
	n := float64(len(rows[0]))
	for j := range rows {
		got, expected := map[uint32]float64{}, map[uint32]float64{}
		for _, code := range rows[j] {
			got[code] += 1 / n
		}
		for o, p := range want {
			expected[o[j]] += p / sum
		}
		for code := range uint32(19) {
			p := expected[code]
			if math.Abs(got[code]-p) > 5*math.Sqrt(p*(1-p)/n)+1e-12 {
				t.Errorf("%s: column %d, code %d: share %.4f, want %.4f", name, j, code, got[code], p)
			}
		}
	}
	for _, other := range []int{1, 3} {
		got, expected := map[[2]uint32]float64{}, map[[2]uint32]float64{}
		for i, first := range rows[0] {
			got[[2]uint32{first, rows[other][i]}] += 1 / n
		}
		for o, p := range want {
			expected[[2]uint32{o[0], o[other]}] += p / sum
		}
		for pair, p := range expected {
			if math.Abs(got[pair]-p) > 5*math.Sqrt(p*(1-p)/n)+5/n {
				t.Errorf("%s: codes %v of columns 0 and %d: share %.4f, want %.4f", name, pair, other, got[pair], p)
			}
		}
	}
}

// Conditions on columns that are known by a distance are exact.
func TestConditionsOnDistancesAreExact(t *testing.T) {
	m := chainedMixture(t)
	for name, test := range map[string]struct {
		where []string
		meets func(o outcome) bool
	}{
		"none":           {nil, func(outcome) bool { return true }},
		"one value":      {[]string{"middle=7"}, func(o outcome) bool { return o[1] == 5 }},
		"the least":      {[]string{"middle=2"}, func(o outcome) bool { return o[1] == 0 }},
		"the bound":      {[]string{"middle=14"}, func(o outcome) bool { return o[1] == 12 }},
		"some values":    {[]string{"middle=4..6|9"}, func(o outcome) bool { return o[1] >= 2 && o[1] <= 4 || o[1] == 7 }},
		"with its base":  {[]string{"middle=7..", "start=3..5"}, func(o outcome) bool { return o[1] >= 5 && o[0] >= 3 && o[0] <= 5 }},
		"of a chain":     {[]string{"end=9..11"}, func(o outcome) bool { return o[2] >= 9 && o[2] <= 11 }},
		"missing":        {[]string{"end=missing"}, func(o outcome) bool { return o[2] == 18 }},
		"two of a chain": {[]string{"middle=6", "end=8|missing", "sex=M"}, func(o outcome) bool { return o[1] == 4 && (o[2] == 8 || o[2] == 18) && o[3] == 1 }},
	} {
		const n = 20000
		rows, s := sampleOpen(t, m, Config{Seed: 5, Rows: n, Refine: RefineNone, Where: test.where})
		want, sum := m.outcomes(test.meets)
		sameShares(t, name, rows, want, sum)
		tried := float64(n)
		if p := s.Probability(); math.Abs(p-sum) > 5*math.Sqrt(sum*(1-sum)/tried)+1e-6 {
			t.Errorf("%s: probability %.5f, want %.5f", name, p, sum)
		}
	}
}

// A balanced column is balanced, and the rest of each row as probable as given it.
func TestBalanceWithDistances(t *testing.T) {
	m := chainedMixture(t)
	for _, where := range []string{"middle=7", "end=9..11"} {
		const n = 20000
		rows, _ := sampleOpen(t, m, Config{Seed: 5, Rows: n, Refine: RefineNone, Where: []string{where}, Balance: "sex"})
		meets := func(o outcome) bool { return o[1] == 5 }
		if where != "middle=7" {
			meets = func(o outcome) bool { return o[2] >= 9 && o[2] <= 11 }
		}
		for sex := range uint32(2) {
			want, sum := m.outcomes(func(o outcome) bool { return o[3] == sex && meets(o) })
			some := make([][]uint32, 4)
			for i := range rows[0] {
				for j := range rows {
					if rows[3][i] == sex {
						some[j] = append(some[j], rows[j][i])
					}
				}
			}
			if len(some[0]) != n/2 {
				t.Errorf("%s: %d of %d rows have sex %d", where, len(some[0]), n, sex)
			}
			sameShares(t, where, some, want, sum)
		}
	}
}

// What is filled has its distribution given the rest of the row, also if what was
// told by a distance from it is known.
func TestFillWithDistancesIsExact(t *testing.T) {
	m := chainedMixture(t)
	const gap = math.MaxUint32
	for name, test := range map[string]struct {
		row   outcome
		meets func(o outcome) bool
	}{
		"a base":           {outcome{gap, 5, 9, 1}, func(o outcome) bool { return o[1] == 5 && o[2] == 9 && o[3] == 1 }},
		"and another":      {outcome{gap, 5, 9, gap}, func(o outcome) bool { return o[1] == 5 && o[2] == 9 }},
		"of a clamped one": {outcome{gap, 12, 16, 0}, func(o outcome) bool { return o[1] == 12 && o[2] == 16 && o[3] == 0 }},
		"a distance":       {outcome{3, 5, gap, 1}, func(o outcome) bool { return o[0] == 3 && o[1] == 5 && o[2] < 18 && o[3] == 1 }},
		"all but the base": {outcome{3, gap, gap, gap}, func(o outcome) bool { return o[0] == 3 && o[2] < 18 }},
	} {
		p, err := newImputer(m, ImputeConfig{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		const n = 20000
		row := make([]uint32, 4)
		for j, code := range test.row {
			if row[j] = code; code == gap {
				row[j] = p.missing(j)
			}
		}
		rows := tabulartest.Rows(n, row...)
		if _, err := p.Fill(rows); err != nil {
			t.Fatal(err)
		}
		want, sum := m.outcomes(test.meets)
		sameShares(t, name, rows, want, sum)
		if p.Broken() > 0 {
			t.Errorf("%s: %d rows break the order", name, p.Broken())
		}
	}
}

// The chooser draws a base given what follows it, and a target given its base.
func TestChooserWithDistances(t *testing.T) {
	m := chainedMixture(t)
	c := &conditional{Mixture: m.mixture, decoders: newDecoders(m.columns, make([]codeWeights, 4))}
	chooser := m.samplers(c)()
	random := rand.New(rand.NewPCG(1, 2))
	const n = 20000
	drawn := func(row outcome, draw func(row []uint32)) [][]uint32 {
		out := make([][]uint32, 4)
		for range n {
			chooser.reseed(random)
			r := slices.Clone(row[:])
			draw(r)
			for j := range r {
				out[j] = append(out[j], r[j])
			}
		}
		return out
	}
	given := outcome{0, 5, 9, 1}
	rest := func(o outcome) bool { return o[1] == 5 && o[2] == 9 && o[3] == 1 }
	want, sum := m.outcomes(rest)
	sameShares(t, "redraw the base", drawn(given, func(r []uint32) { chooser.Redraw(r, []int{0}) }), want, sum)
	want, sum = m.outcomes(func(o outcome) bool { return rest(o) && o[0] >= 2 && o[0] < 6 })
	allowed := tabular.CodeSet{{From: 2, To: 6}}
	sameShares(t, "choose the base", drawn(given, func(r []uint32) { r[0] = chooser.Choose(r, 0, allowed) }), want, sum)
	want, sum = m.outcomes(func(o outcome) bool { return o[0] == 4 && o[1] == 5 && o[2] >= 6 && o[2] < 11 && o[3] == 0 })
	allowed = tabular.CodeSet{{From: 6, To: 11}}
	sameShares(t, "choose a target", drawn(outcome{4, 5, 0, 0}, func(r []uint32) { r[2] = chooser.Choose(r, 2, allowed) }), want, sum)
	want, sum = m.outcomes(func(o outcome) bool { return o[3] == 1 })
	sameShares(t, "redraw all", drawn(given, func(r []uint32) { chooser.Redraw(r, []int{2, 0, 1}) }), want, sum)
}
