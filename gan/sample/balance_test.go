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

// Every value of a balanced column occurs equally often, give or take one, and the
// rest of a row has the distribution given that value.
func TestBalance(t *testing.T) {
	tabulartest.SkipShort(t)
	m := smallMixture(t)
	for _, test := range []struct {
		where  []string
		values []uint32
		absent []string
	}{
		{nil, []uint32{0, 1, 2}, []string{"X"}},
		{[]string{"age=3..8"}, []uint32{0, 1, 2}, []string{"X"}},
		{[]string{"ward=C|missing"}, []uint32{2, 4}, nil},
	} {
		for _, how := range []string{RefineNone, RefineMoments} {
			const n = 5000
			columns, s := sampleOpen(t, m, Config{Rows: n, Seed: 4, Where: test.where, Balance: "ward", Refine: how})
			if !slices.Equal(s.Absent(), test.absent) {
				t.Errorf("%v: absent %v, want %v", test.where, s.Absent(), test.absent)
			}
			conditions, err := parsePredicates(m.domain.Codec, test.where)
			if err != nil {
				t.Fatal(err)
			}
			if _, share := enumerate(m, conditions, anyCost); math.Abs(s.Probability()-share) > 1e-6 {
				t.Errorf("%v: probability %g, want %g", test.where, s.Probability(), share)
			}
			for _, ward := range test.values {
				only := append(conditions, predicate{column: 2, codes: tabular.CodeSet{{From: ward, To: ward + 1}}})
				want, _ := enumerate(m, only, anyCost)
				female := 0.0
				for row, p := range want {
					if row[1] == 0 {
						female += p
					}
				}
				rows, women := 0, 0.0
				for i, w := range columns[2] {
					if w != ward {
						continue
					}
					if rows++; columns[1][i] == 0 {
						women++
					}
				}
				if each := float64(n) / float64(len(test.values)); math.Abs(float64(rows)-each) > 1 {
					t.Errorf("%v %s: ward %d occurs %d times, want %v", test.where, how, ward, rows, each)
				}
				if p := women / float64(rows); math.Abs(p-female) > 5*math.Sqrt(0.25/float64(rows)) {
					t.Errorf("%v %s: ward %d has %v women, want %v", test.where, how, ward, p, female)
				}
			}
		}
	}
}

func TestBalanceRefusals(t *testing.T) {
	m := smallMixture(t)
	for column, want := range map[string]string{"age": "only listed values", "id": "is an id", "wart": `nearest is "ward"`} {
		_, err := newSampler(m, Config{Rows: 1, Balance: column})
		var c *ConditionError
		if !errors.As(err, &c) || c.Option != "balance" || !strings.Contains(c.Reason, want) {
			t.Errorf("%s: %v, want %q", column, err, want)
		}
	}
}

// A column that follows from another is balanced by way of it: within a value the
// rest of the row is as probable as given it.
func TestBalanceOfDeterminedColumn(t *testing.T) {
	m := smallMixture(t)
	rules, err := m.domain.CompileRules([]tabular.Rule{{Dependency: "age", Determines: "ward", Map: tabular.Terms{
		{Name: "0..2", Values: []string{"A"}}, {Name: "3..7", Values: []string{"B"}}, {Name: "8", Values: []string{"missing"}}, {Name: "9", Values: []string{"C"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	m.domain.Rules = rules
	of := []uint32{0, 0, 0, 1, 1, 1, 1, 1, 4, 2}
	for _, where := range [][]string{nil, {"age=2..8"}, {"ward=A|missing"}, {"sex=F"}} {
		conditions, err := parsePredicates(m.domain.Codec, where)
		if err != nil {
			t.Fatal(err)
		}
		want := map[[3]uint32]float64{} // age, sex and ward
		shares := map[uint32]float64{}
		for age := range uint32(10) {
			for sex := range uint32(2) {
				row, met := []uint32{age, sex, of[age]}, of[age] != 4
				for _, c := range conditions {
					met = met && c.codes.Has(row[c.column]) || c.column == 2 && c.codes.Has(of[age])
				}
				for i := 0; met && i < 3; i++ {
					p := m.probability(i, row[:2])
					want[[3]uint32(row)] += p
					shares[of[age]] += p
				}
			}
		}
		const n = 20000
		columns, s := sampleOpen(t, m, Config{Rows: n, Seed: 4, Where: where, Balance: "ward", Refine: RefineNone})
		got := map[[3]uint32]float64{}
		for i := range columns[0] {
			got[[3]uint32{columns[0][i], columns[1][i], columns[2][i]}] += 1. / n
		}
		for row, p := range want {
			p /= shares[row[2]] * float64(len(shares))
			if math.Abs(got[row]-p) > 5*math.Sqrt(p*(1-p)/n) {
				t.Errorf("%v: age, sex and ward %v: share %.4f, want %.4f", where, row, got[row], p)
			}
			delete(got, row)
		}
		if len(got) > 0 {
			t.Errorf("%v: %v should not occur; absent are %v", where, got, s.Absent())
		}
	}
}
