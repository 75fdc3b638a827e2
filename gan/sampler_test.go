package gan

import (
	"math"
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/sample"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// Whatever it was trained by, a model draws rows that meet conditions, balances a column,
// and fills gaps.
func TestEveryModeIsSampledInEveryWay(t *testing.T) {
	tabulartest.SkipShort(t)
	dev := cpu.New(1)
	defer dev.Close()
	for mode := range modes {
		s, columns := quickSettings(t, mode, 24)
		m := throughFile(t, mustTrain(t, s, columns).Model)
		const n = 3000
		free := drawn(t, m, 1, n)
		middle := 0.0
		for _, age := range free[0] {
			if age >= 20 && age <= 70 {
				middle += 1.0 / n
			}
		}
		for _, how := range []string{sample.RefineNone, sample.RefineMoments} {
			rows, drawn := sampleAll(t, m, sample.Config{Seed: 2, Rows: n, Refine: how, Where: []string{"age=20..70", "band=low|missing"}, Balance: "sex"})
			women := 0
			for i, age := range rows[0] {
				if age < 20 || age > 70 || rows[2][i] == 1 || rows[2][i] == 2 {
					t.Fatalf("%s, refined by %s: age %d, band %d", mode, how, age, rows[2][i])
				}
				women += int(1 - rows[1][i])
			}
			if women != n/2 {
				t.Errorf("%s, refined by %s: %d of %d rows are F", mode, how, women, n)
			}
			if p := drawn.Probability(); p <= 0 || p >= middle+0.05 {
				t.Errorf("%s: probability %g, and %g of what one condition alone asks for", mode, p, middle)
			}
		}
		// One condition is as probable as it is frequent; 5 standard deviations.
		_, drawn := sampleAll(t, m, sample.Config{Rows: 1, Where: []string{"age=20..70"}})
		if p := drawn.Probability(); math.Abs(p-middle) > 5*math.Sqrt(p*(1-p)/n)+0.01 {
			t.Errorf("%s: probability %g, and %g of the rows", mode, p, middle)
		}
		p, err := sample.NewImputer(dev, m, sample.ImputeConfig{Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		gaps := tabulartest.Rows(200, 30, p.Codec().Size(1)-1, p.Codec().Size(2)-1)
		filled, err := p.Fill(gaps)
		if err != nil || filled != 400 {
			t.Errorf("%s: %d cells filled: %v", mode, filled, err)
		}
		for i := range gaps[0] {
			if gaps[0][i] != 30 || gaps[1][i] > 1 || gaps[2][i] > 2 {
				t.Fatalf("%s: row %d was filled as %d, %d, %d", mode, i, gaps[0][i], gaps[1][i], gaps[2][i])
			}
		}
	}
}

// A sample that is drawn in blocks shares no block with that of the next seed.
func TestBlocksOfSeedsDiffer(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModeMarginals, 5)
	result := mustTrain(t, s, columns)
	const blockRows = 1 << 16
	const rows = sample.RefinedRows + blockRows // more than are refined together
	one, two := drawn(t, result.Model, 1, rows), drawn(t, result.Model, 2, rows)
	for j := range one {
		if s.Domain.Size(j) > 10 && reflect.DeepEqual(one[j][blockRows:2*blockRows], two[j][:blockRows]) {
			t.Errorf("column %d: the second block of seed 1 is the first of seed 2", j)
		}
	}
}
