package gan

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/tabular"
)

// Every value of a balanced column occurs equally often, give or take one, and the
// rest of a row has the distribution given that value.
func TestBalance(t *testing.T) {
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
			columns, s := sampleAll(t, m, SampleConfig{Rows: n, Seed: 4, Where: test.where, Balance: "ward", Refine: how})
			if !slices.Equal(s.Absent(), test.absent) {
				t.Errorf("%v: absent %v, want %v", test.where, s.Absent(), test.absent)
			}
			conditions, err := parseConditions(m.codec, test.where)
			if err != nil {
				t.Fatal(err)
			}
			if _, share := enumerate(m, conditions, anyCost); math.Abs(s.Probability()-share) > 1e-6 {
				t.Errorf("%v: probability %g, want %g", test.where, s.Probability(), share)
			}
			for _, ward := range test.values {
				only := append(conditions, condition{column: 2, codes: tabular.CodeSet{{From: ward, To: ward + 1}}})
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
		_, err := NewSampler(nil, m, SampleConfig{Rows: 1, Batch: 1, Balance: column})
		var c *ConditionError
		if !errors.As(err, &c) || c.Option != "balance" || !strings.Contains(c.Reason, want) {
			t.Errorf("%s: %v, want %q", column, err, want)
		}
	}
}
