package gan

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Whatever the limit, cells are joined with their neighbours, to at least that share.
func TestGathered(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for trial := range 200 {
		n, limit := 1+r.IntN(40), 1+r.IntN(12)
		c := Column{Cells: dpsgd.Cells{Count: n, Index: make([]uint32, n)}, Shares: make([]float64, n)}
		sum := 0.0
		for k := range n {
			c.Index[k], c.Shares[k] = uint32(k), r.ExpFloat64()
			sum += c.Shares[k]
		}
		for k := range n {
			c.Shares[k] /= sum
		}
		cells, of := gathered(&c, limit)
		mass := make([]float64, cells.Count)
		for k, cell := range of {
			mass[cell] += c.Shares[k]
			if k > 0 && of[k] != of[k-1] && of[k] != of[k-1]+1 || int(cells.Index[k]) != cell {
				t.Fatalf("trial %d: cells %v", trial, of)
			}
		}
		for _, p := range mass[:cells.Count-1] {
			if n > limit && p < 1/float64(limit) {
				t.Errorf("trial %d: %d cells to about %d: a share of %g", trial, n, limit, p)
			}
		}
		if n <= limit && cells.Count != n {
			t.Errorf("trial %d: %d cells of %d", trial, cells.Count, n)
		}
	}
}

// What chance adds to a score is what it adds in simulation.
func TestStraying(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, x := range []float64{0, 0.01, 0.4, 0.6, 3.5, 12, 29.9, 30.1, 200} {
		sum := 0.0
		const trials = 40_000
		for range trials {
			n, at := 0.0, r.ExpFloat64()
			for at < x {
				n, at = n+1, at+r.ExpFloat64()
			}
			sum += math.Abs(n - math.Round(x))
		}
		if got, want := straying(x), sum/trials; math.Abs(got-want) > 5*math.Sqrt((x+0.001)/trials)+0.01*want {
			t.Errorf("x=%g: %g, want %g", x, got, want)
		}
	}
}

// The tables chosen are the best of all sets of them.
func TestWorthwhileIsTheBestSet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for trial := range 300 {
		n := 1 + r.IntN(8)
		scores, sizes := make([]float64, n), make([]float64, n)
		for k := range n {
			scores[k], sizes[k] = 200*r.NormFloat64()+100, float64(1+r.IntN(60))
		}
		sigma := func(chosen int) float64 { return 8 * math.Sqrt(float64(chosen)) }
		value := func(set []int) (sum float64) {
			for _, k := range set {
				sum += scores[k] - feltNoise*sigma(len(set))*sizes[k]
			}
			return sum
		}
		best := 0.0
		for bits := range 1 << n {
			var set []int
			for k := range n {
				if bits>>k&1 == 1 {
					set = append(set, k)
				}
			}
			best = math.Max(best, value(set))
		}
		if got := value(worthwhile(scores, sizes, sigma)); math.Abs(got-best) > 1e-9 {
			t.Errorf("trial %d: worth %g, the best is %g", trial, got, best)
		}
	}
}

// wideTable has ten columns and a target. The first two go together, and so do the
// next two; the fifth and the sixth only because both follow the target.
func wideTable(t *testing.T, rows int) (*tabular.Codec, [][]uint32) {
	t.Helper()
	values := []string{"a", "b", "c", "d"}
	var declared []tabular.Column
	for j := range 10 {
		declared = append(declared, tabular.Column{Name: string(rune('k' + j)), Type: tabular.Categorical, Values: values})
	}
	codec := compiled(t, append(declared, tabular.Column{Name: "target", Type: tabular.Categorical, Values: values[:2]}))
	r := rand.New(rand.NewPCG(4, 2))
	columns := make([][]uint32, 11)
	for range rows {
		row, class := make([]uint32, 11), uint32(r.IntN(2))
		for j := range 10 {
			row[j] = uint32(r.IntN(4))
		}
		row[10] = class
		for _, pair := range [][2]int{{0, 1}, {2, 3}} {
			if r.Float64() < 0.8 {
				row[pair[1]] = row[pair[0]]
			}
		}
		for j := 4; j < 6; j++ {
			if r.Float64() < 0.8 {
				row[j] = 2*class + row[j]%2
			}
		}
		for j := range row {
			columns[j] = append(columns[j], row[j])
		}
	}
	return codec, columns
}

// What a score is measured from owes the rows nothing but what was released of them: if
// their number is a secret, the guess is made of the noisy one, and then one row moves a
// score by one at the most.
func TestScoresAreGuessedFromTheReleasedRowCount(t *testing.T) {
	const released = 1000
	edges := []uint32{0, 1, 2, 3, 4}
	m := &joint{Target: -1}
	for range 3 {
		m.Columns = append(m.Columns, Column{Cells: dpsgd.EachBin(edges), Shares: []float64{0.4, 0.3, 0.2, 0.1}})
	}
	pairs := [][]int{{0, 1}, {2, 0}, {2, 1}}
	config := dpsgd.DefaultConfig()
	config.Accountant, config.TargetEpsilon = "rdp", 1e12
	var before []float64
	for rows := 600; rows < 610; rows++ {
		budget, err := dpsgd.OpenBudget(config, dpsgd.Start{Run: "test", Ledger: filepath.Join(t.TempDir(), "ledger.jsonl")})
		if err != nil {
			t.Fatal(err)
		}
		defer budget.Close() //nolint:errcheck // a test's ledger
		gate := dpsgd.NewGate([]uint32{4, 4, 4}, budget, dpsgd.SecureEntropy())
		gate.HideRowCount(released)
		r, columns := rand.New(rand.NewPCG(1, 9)), make([][]uint32, 3)
		for range rows {
			for j := range columns { // in the shares of the columns
				columns[j] = append(columns[j], []uint32{0, 0, 0, 0, 1, 1, 1, 2, 2, 3}[r.IntN(10)])
			}
		}
		if err := gate.Append(columns); err != nil {
			t.Fatal(err)
		}
		scores, err := m.score(gate, pairs, dpsgd.Release{Noise: 1e-3}) // noise that rounds to 0
		if err != nil {
			t.Fatal(err)
		}
		for k, score := range scores {
			if chance := 16 * straying(released*0.4*0.4); score < released-float64(rows)-chance {
				t.Errorf("%d rows: score %g is not measured from %d", rows, score, released)
			}
			if before != nil && math.Abs(score-before[k]) > 1+1e-9 {
				t.Errorf("row %d moves score %d by %g", rows, k, score-before[k])
			}
		}
		before = scores
	}
}

// Of a table with more pairs than rows can tell of, those that depend beyond the target
// are chosen and others are not. The run spends its target and no more, a run cut off
// resumes with the tables it paid for, and the model knows both kinds of pairs.
func TestPairsWorthTheirNoiseAreChosen(t *testing.T) {
	const rows = 2000
	codec, columns := wideTable(t, rows)
	s := smallSettings(t, codec, 5)
	s.Target, s.Privacy.Budget, s.Privacy.TargetEpsilon = "target", modes[ModeMarginals], 0.3
	s.Model.Generator = DefaultModelConfig().Generator
	_, kept := interrupted(t, s, columns, generatorStep, 10)
	paid := kept.Joint
	if !paid.Chosen || paid.Target != 10 {
		t.Fatalf("chosen %v, target %d", paid.Chosen, paid.Target)
	}
	var pairs [][]int
	for k, table := range paid.Tables {
		if table[1] != 10 {
			pairs = append(pairs, table)
			if paid.Noise[k] != paid.Noise[len(paid.Noise)-1] {
				t.Error("chosen tables have different noise")
			}
		}
	}
	for _, want := range [][]int{{1, 0}, {3, 2}} {
		if !slices.ContainsFunc(pairs, func(p []int) bool { return slices.Equal(p, want) }) {
			t.Errorf("%v depend, but were not chosen: %v", want, pairs)
		}
	}
	if len(paid.Tables)-len(pairs) != 10 || len(pairs) > 15 { // of 45
		t.Errorf("tables %v: want 10 with the target and the fewer others", paid.Tables)
	}
	result := resumed(t, s, columns)
	if result.Epsilon > 0.3 || result.Epsilon < 0.29 {
		t.Errorf("spent %g of 0.3", result.Epsilon)
	}
	again := checkpointOf(t, s).Joint
	before, err := json.Marshal(paid)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := json.Marshal(again); err != nil || string(after) != string(before) {
		t.Error("the resumed run has other tables")
	}
	out := sample(t, result.Model, 3, 4000)
	if got := alike(out, 0, 1); got < 0.4 { // .85 of the rows, of which noise leaves .5 to .85; a quarter by chance
		t.Errorf("a chosen pair agrees in %.2f of the rows", got)
	}
	// (1+0.8²)/4 of the rows, and a quarter; noise leaves less of the one.
	if linked, free := alike(out, 4, 5), alike(out, 7, 9); linked < 0.3 || math.Abs(free-0.25) > 0.03 {
		t.Errorf("columns that follow the target agree in %.2f of the rows, others in %.2f", linked, free)
	}
}

// alike is the share of rows in which two columns have the same code.
func alike(rows [][]uint32, a, b int) (share float64) {
	for i := range rows[a] {
		if rows[a][i] == rows[b][i] {
			share += 1 / float64(len(rows[a]))
		}
	}
	return share
}

// In pure mode pairs are chosen by scores alone, measured from independent columns, and
// the discriminator looks at those with the target and the chosen ones.
func TestPairsAreChosenWithoutTables(t *testing.T) {
	codec, columns := wideTable(t, 2000)
	s := smallSettings(t, codec, 6)
	s.Target, s.Privacy.TargetEpsilon = "target", 0.3
	s.Training.BatchSize = 1000
	result := mustTrain(t, s, columns)
	m := checkpointOf(t, s).Joint
	if len(m.Tables) != 0 || !m.Chosen || len(m.Looked) < 12 || len(m.Looked) > 30 {
		t.Fatalf("chosen: %v; %d tables were bought, and %d of 55 are looked at", m.Chosen, len(m.Tables), len(m.Looked))
	}
	for _, want := range [][]int{{0, 10}, {9, 10}, {1, 0}, {3, 2}} {
		if !slices.ContainsFunc(m.Looked, func(p []int) bool { return slices.Equal(p, want) }) {
			t.Errorf("%v is not looked at: %v", want, m.Looked)
		}
	}
	if result.Epsilon > 0.3 || result.Epsilon < 0.29 {
		t.Errorf("spent %g of 0.3", result.Epsilon)
	}
	out := sample(t, result.Model, 3, 4000)
	if got := alike(out, 0, 1); got < 0.4 { // as where tables are bought
		t.Errorf("a chosen pair agrees in %.2f of the rows", got)
	}
}
