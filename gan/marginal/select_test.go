package marginal

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
)

// Whatever the limit, cells are joined with their neighbours, to at least that share.
func TestGathered(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for trial := range 200 {
		n, limit := 1+r.IntN(40), 1+r.IntN(12)
		c := Binning{Cells: dpsgd.Cells{Count: n, Index: make([]uint32, n)}, Shares: make([]float64, n)}
		sum := 0.0
		for k := range n {
			c.Index[k], c.Shares[k] = uint32(k), r.ExpFloat64()
			sum += c.Shares[k]
		}
		for k := range n {
			c.Shares[k] /= sum
		}
		cells, of := gatherCells(&c, limit)
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
		if got, want := expectedAbsDeviation(x), sum/trials; math.Abs(got-want) > 5*math.Sqrt((x+0.001)/trials)+0.01*want {
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
				sum += scores[k] - residualNoise*sigma(len(set))*sizes[k]
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
		if got := value(selectTables(scores, sizes, sigma)); math.Abs(got-best) > 1e-9 {
			t.Errorf("trial %d: worth %g, the best is %g", trial, got, best)
		}
	}
}

// What a score is measured from owes the rows nothing but what was released of them: if
// their number is a secret, the guess is made of the noisy one, and then one row moves a
// score by one at the most.
func TestScoresAreGuessedFromTheReleasedRowCount(t *testing.T) {
	const released = 1000
	edges := []uint32{0, 1, 2, 3, 4}
	m := &Measurements{Target: -1}
	for range 3 {
		m.Columns = append(m.Columns, Binning{Cells: dpsgd.EachBin(edges), Shares: []float64{0.4, 0.3, 0.2, 0.1}})
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
			if chance := 16 * expectedAbsDeviation(released*0.4*0.4); score < released-float64(rows)-chance {
				t.Errorf("%d rows: score %g is not measured from %d", rows, score, released)
			}
			if before != nil && math.Abs(score-before[k]) > 1+1e-9 {
				t.Errorf("row %d moves score %d by %g", rows, k, score-before[k])
			}
		}
		before = scores
	}
}
