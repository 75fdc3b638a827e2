package sample

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// What is filled has the distribution given the rest of the row, and is never
// missing; the rest stays. 5 standard deviations: one false alarm in 1e6 a cell.
func TestFillIsExact(t *testing.T) {
	m := smallMixture(t)
	const gap = math.MaxUint32 // the missing code of each column of the imputer's codec
	for name, test := range map[string]struct {
		columns []string
		row     [3]uint32
		known   []predicate // of age, sex and ward
	}{
		"one number":            {nil, [3]uint32{gap, 1, 0}, []predicate{only(1, 1), only(2, 0)}},
		"one nullable":          {nil, [3]uint32{8, 0, gap}, []predicate{only(0, 8), only(1, 0), present(2, 4)}},
		"a rare value known":    {nil, [3]uint32{gap, gap, 2}, []predicate{only(2, 2)}},
		"all three":             {nil, [3]uint32{gap, gap, gap}, []predicate{present(2, 4)}},
		"missing as a value":    {[]string{"age"}, [3]uint32{gap, 0, gap}, []predicate{only(1, 0), only(2, 4)}},
		"unknown, not filled":   {[]string{"ward"}, [3]uint32{gap, 0, gap}, []predicate{only(1, 0), present(2, 4)}},
		"nothing is to be done": {[]string{"sex"}, [3]uint32{3, 0, gap}, []predicate{only(0, 3), only(1, 0), only(2, 4)}},
	} {
		p, err := newImputer(m, ImputeConfig{Seed: 1, Columns: test.columns})
		if err != nil {
			t.Fatal(err)
		}
		const n = 30000
		row := []uint32{0, 0, 0, 7}
		for j, code := range test.row {
			if row[j] = code; code == gap {
				row[j] = p.missing(j)
			}
		}
		columns := tabulartest.Rows(n, row...)
		if _, err := p.Fill(columns); err != nil {
			t.Fatal(err)
		}
		want, _ := enumerate(m, test.known, [3]float64{0.5, 0.1, 0.25}) // of code 7 of the cost
		marginal, got := map[[3]uint32]float64{}, map[[3]uint32]float64{}
		seen := func(j int) bool { return row[j] == p.missing(j) && p.fill[j] }
		for of, share := range want {
			for j := range of {
				if !seen(j) {
					of[j] = row[j]
				}
			}
			marginal[of] += share
		}
		for i := range n {
			var of [3]uint32
			for j := range of {
				of[j] = columns[j][i]
				if !seen(j) && of[j] != row[j] {
					t.Fatalf("%s: column %d was %d, is %d", name, j, row[j], of[j])
				}
			}
			got[of]++
		}
		for of, count := range got {
			if share := marginal[of]; share == 0 || math.Abs(count-n*share) > 5*math.Sqrt(n*share)+1 {
				t.Errorf("%s: %v occurs %v times, want %v", name, of, count, n*share)
			}
		}
	}
}

func only(j int, code uint32) predicate {
	return predicate{column: j, codes: tabular.CodeSet{{From: code, To: code + 1}}}
}

// present is any value but missing.
func present(j int, values uint32) predicate {
	return predicate{column: j, codes: tabular.CodeSet{{To: values}}}
}

func TestFillRepeatsItsSeed(t *testing.T) {
	m := smallMixture(t)
	fill := func(seed uint64) [][]uint32 {
		p, err := newImputer(m, ImputeConfig{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		var out []uint32
		for range 2 {
			columns := tabulartest.Rows(100, p.missing(0), 1, p.missing(2), p.missing(3))
			if filled, err := p.Fill(columns); err != nil || filled != 300 {
				t.Fatalf("%d cells, %v", filled, err)
			}
			out = append(out, columns[0]...)
		}
		return [][]uint32{out[:100], out[100:]}
	}
	one, again, other := fill(1), fill(1), fill(2)
	if !slices.Equal(one[0], again[0]) || !slices.Equal(one[1], again[1]) {
		t.Error("the same seed fills otherwise")
	}
	if slices.Equal(one[0], other[0]) || slices.Equal(one[0], one[1]) {
		t.Error("seeds or chunks repeat each other")
	}
}

func TestImputerRefusals(t *testing.T) {
	m := smallMixture(t)
	for column, want := range map[string]string{"id": "is an id", "wart": `nearest is "ward"`} {
		_, err := newImputer(m, ImputeConfig{Columns: []string{column}})
		var c *ConditionError
		if !errors.As(err, &c) || c.Option != "columns" || !strings.Contains(c.Reason, want) {
			t.Errorf("%s: %v, want %q", column, err, want)
		}
	}
}
